/*
 * A secret that lies in a file: read when it is needed, wiped afterwards. Its
 * text never reaches an error.
 */
#ifndef CUTOVER_BASE_SECRET_H
#define CUTOVER_BASE_SECRET_H

#include "base/error.h"

#define SECRET_MAX 65536
/* Where it goes in a text that is shown without it. */
#define SECRET_MARK "{token}"

/* Reads the file's first line without its end. ERR_NOTFOUND, ERR_DENIED,
 * ERR_LIMIT; ERR_INVALID if it is empty. The caller wipes dst (text_wipe). */
int secret_read(const char *path, char dst[SECRET_MAX], struct error *err);

#endif
