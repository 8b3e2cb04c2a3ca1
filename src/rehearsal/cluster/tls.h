/*
 * Keys and certificates of the practice cluster, made anew at each start: an
 * authority, the server's certificate for 127.0.0.1 and localhost, and the
 * administrator's. EC keys, since they take no time to make.
 */
#ifndef CUTOVER_REHEARSAL_TLS_H
#define CUTOVER_REHEARSAL_TLS_H

struct error;

/* PEM texts, owned; each is NULL until made. */
struct tls_material {
	char *ca;
	char *server_cert, *server_key;
	char *admin_cert, *admin_key;
};

/* admin is the administrator's name, group the organisation of the
 * certificate. On failure nothing is left to release. */
int tls_make(struct tls_material *material, const char *admin,
	     const char *group, struct error *err);
/* Wipes the keys. */
void tls_release(struct tls_material *material);

#endif
