/*
 * MySQL as the world's server, 8.0.30 or newer; see kind.h.
 *
 * It takes connections over TCP with TLS only, and all accounts are
 * caching_sha2_password's: the kind of account that one meets today.
 */
#include "rehearsal/kind.h"

#include <stddef.h>

#define DATA_ARGUMENTS \
	"--no-defaults", "--secure-file-priv=NULL", \
	"--loose-mysqlx=OFF", "--loose-auto-generate-certs=OFF", \
	"--innodb-flush-method=nosync", "--loose-innodb-redo-log-capacity=32M", \
	"--loose-sha256-password-auto-generate-rsa-keys=OFF", \
	"--loose-caching-sha2-password-auto-generate-rsa-keys=OFF"

static const char *const install[] = {
	DATA_ARGUMENTS, "--initialize-insecure", "--skip-log-bin",
	"--innodb-buffer-pool-size=16M", NULL,
};

/*
 * Practice data needs no fsync, and two servers shall not take a laptop's
 * memory: the performance schema, which tells of replication, is kept but
 * small.
 */
static const char *const arguments[] = {
	DATA_ARGUMENTS, "--bind-address=127.0.0.1", "--skip-name-resolve",
	"--require-secure-transport=ON",
	"--gtid-mode=ON", "--enforce-gtid-consistency=ON",
	"--log-bin=binlog", "--relay-log=relay", "--log-replica-updates=ON",
	"--sync-binlog=0", "--replica-net-timeout=10",
	"--relay-log-recovery=ON",
	"--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=OFF",
	"--innodb-buffer-pool-size=32M", "--innodb-log-buffer-size=2M",
	"--innodb-buffer-pool-load-at-startup=OFF",
	"--innodb-buffer-pool-dump-at-shutdown=OFF",
	"--key-buffer-size=1M", "--max-connections=4000",
	"--table-open-cache=400", "--table-definition-cache=400",
	"--loose-performance-schema-digests-size=200",
	"--loose-performance-schema-max-digest-length=256",
	"--loose-performance-schema-max-sql-text-length=256",
	"--loose-performance-schema-max-statement-classes=10",
	"--loose-performance-schema-error-size=1",
	"--loose-performance-schema-max-table-instances=400",
	"--loose-performance-schema-events-statements-history-long-size=100",
	"--loose-performance-schema-events-transactions-history-long-size=100",
	"--loose-performance-schema-events-waits-history-long-size=10",
	"--loose-performance-schema-events-stages-history-long-size=10",
	"--character-set-server=utf8mb4", NULL,
};

static const char *const own_arguments[] = {"--server-id={number}", NULL};

/* The server's UUID, which names its transactions. */
static const char *const unique_files[] = {"auto.cnf", NULL};

static const char *const grants[] = {
	"GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO app@'127.0.0.1'",
	"GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'",
	/* REPLICATION SLAVE reads the binlog's events. */
	"GRANT REPLICATION CLIENT, REPLICATION SLAVE, PROCESS ON *.* "
	"TO cutover@'127.0.0.1'",
	"GRANT SELECT ON performance_schema.* TO cutover@'127.0.0.1'",
	"GRANT SELECT ON app.* TO cutover@'127.0.0.1'",
	"GRANT SELECT ON mysql.* TO cutover@'127.0.0.1'",
	/* The provider's own account: read_only does not bind it. */
	"GRANT CONNECTION_ADMIN, SYSTEM_USER ON *.* TO rdsadmin@'127.0.0.1'",
	"GRANT SELECT, INSERT, UPDATE ON mysql.* TO rdsadmin@'127.0.0.1'",
	/* As RDS's master user: neither SUPER nor SET GLOBAL nor FLUSH TABLES
	 * WITH READ LOCK. */
	"GRANT PROCESS, SHOW DATABASES, CREATE USER, REPLICATION SLAVE, "
	"REPLICATION CLIENT ON *.* TO admin@'127.0.0.1'",
	"GRANT FLUSH_STATUS, FLUSH_USER_RESOURCES ON *.* "
	"TO admin@'127.0.0.1'",
	"GRANT ALL ON app.* TO admin@'127.0.0.1' WITH GRANT OPTION",
	"GRANT SELECT ON performance_schema.* TO admin@'127.0.0.1'",
	"GRANT SELECT, EXECUTE ON mysql.* TO admin@'127.0.0.1'",
	NULL,
};

/* In place of RDS's parameter group, by which read_only is set there. */
static const char *const rds_grants[] = {
	"GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO cutover@'127.0.0.1'", NULL,
};

/* Aurora's master user is not bound by read_only. */
static const char *const aurora_grants[] = {
	"GRANT CONNECTION_ADMIN ON *.* TO admin@'127.0.0.1'", NULL,
};

const struct kind kind_mysql = {
	.name = "mysql",
	.title = "MySQL",
	.program = "mysqld",
	.variable = "MYSQLD",
	.missing = "install MySQL 8.0.30 or newer (mysql-server-core)",
	.install_arguments = install,
	.arguments = arguments,
	.own_arguments = own_arguments,
	.unique_files = unique_files,
	/* A client of either family skips the other's word for it. */
	.client_options = "loose-ssl-verify-server-cert\n"
			  "loose-ssl-mode=VERIFY_IDENTITY\n",
	.tls_only = true,
	.grants = grants,
	.rds_grants = rds_grants,
	.aurora_grants = aurora_grants,
	.words = {
		.init = "SET SESSION sql_log_bin=0;\n"
			"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n",
		.create_user = "CREATE USER {user}@'127.0.0.1' IDENTIFIED WITH "
			       "caching_sha2_password BY '{password}' REQUIRE SSL",
		.stop = "STOP REPLICA",
		.start = "START REPLICA",
		.reset = "RESET REPLICA ALL",
		.replicate = "CHANGE REPLICATION SOURCE TO "
			     "SOURCE_HOST = '{host}', SOURCE_PORT = {port}, "
			     "SOURCE_USER = '{user}', SOURCE_PASSWORD = '{password}', "
			     "SOURCE_SSL = 1, SOURCE_SSL_CA = '{ca}', "
			     "SOURCE_CONNECT_RETRY = 1, "
			     "SOURCE_RETRY_COUNT = 86400, "
			     "SOURCE_HEARTBEAT_PERIOD = 1, "
			     "SOURCE_AUTO_POSITION = 1",
		.position = "SELECT REPLACE(@@GLOBAL.gtid_executed, "
			    "'\\n', '')",
		.await = "SELECT WAIT_FOR_EXECUTED_GTID_SET('{position}', {seconds})",
	},
	.routine = {
		.stop = "STOP REPLICA",
		.start = "START REPLICA",
		.reset = "RESET REPLICA ALL",
		.status = "SHOW REPLICA STATUS",
		.threads = "((SELECT COUNT(*) FROM performance_schema."
			   "replication_connection_status "
			   "WHERE SERVICE_STATE <> 'OFF') + "
			   "(SELECT COUNT(*) FROM performance_schema."
			   "replication_applier_status "
			   "WHERE SERVICE_STATE = 'ON'))",
		.change = "CHANGE REPLICATION SOURCE",
		.source = "SOURCE",
		.by_position = ", SOURCE_AUTO_POSITION=0",
	},
};
