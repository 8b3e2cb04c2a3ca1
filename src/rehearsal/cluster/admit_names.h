/* What names the API takes. */
#ifndef CUTOVER_REHEARSAL_ADMIT_NAMES_H
#define CUTOVER_REHEARSAL_ADMIT_NAMES_H

#include <stdbool.h>

bool name_is_label_value(const char *text);
/* "app" or "prefix.example/app" */
bool name_is_label_key(const char *key);
/* A DNS subdomain, which an object's name is. */
bool name_is_subdomain(const char *name);
/* A key of a ConfigMap's or a Secret's data. */
bool name_is_config_key(const char *key);

#endif
