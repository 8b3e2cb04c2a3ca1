/*
 * How to reach one database, with the secret that it takes. Fixed arrays, so
 * that a copy is an assignment and wiping one call leaves nothing behind.
 */
#ifndef CUTOVER_DB_CONFIG_H
#define CUTOVER_DB_CONFIG_H

#define DB_NAME_MAX 64
#define DB_HOST_MAX 256
#define DB_USER_MAX 128
#define DB_PASSWORD_MAX 512
#define DB_PATH_MAX 1024
#define DB_WHERE_MAX 192

enum db_tls {
	DB_TLS_PREFERRED,       /* the default: encrypted if the server can */
	DB_TLS_DISABLED,
	DB_TLS_REQUIRED,        /* encrypted, the certificate not checked */
	DB_TLS_VERIFY_CA,
	DB_TLS_VERIFY_IDENTITY, /* and the host's name is in it */
};

struct db_config {
	char name[DB_NAME_MAX];         /* how the runbook calls it: rds */
	char host[DB_HOST_MAX];         /* "" with a socket: this machine */
	unsigned int port;              /* 3306 if none was given */
	char socket[DB_PATH_MAX];       /* unix socket, or "" */
	char user[DB_USER_MAX];
	char password[DB_PASSWORD_MAX];
	enum db_tls tls;
	char ssl_ca[DB_PATH_MAX];       /* files, or "" */
	char ssl_cert[DB_PATH_MAX];
	char ssl_key[DB_PATH_MAX];
	int connect_timeout_ms;         /* 0: the connection's own default */
};

/* "host:port", "[v6]:port" or the socket's path: what errors and screens say
 * of it. */
void db_config_where(const struct db_config *config, char dst[DB_WHERE_MAX]);
/* Overwrites everything, the password with it. */
void db_config_wipe(struct db_config *config);

#endif
