/* MariaDB as the world's server; see kind.h. */
#include "rehearsal/kind.h"

#include <stddef.h>

static const char *const install[] = {
	"--no-defaults", "--auth-root-authentication-method=normal",
	"--skip-test-db", "--skip-name-resolve", "--innodb-log-file-size=8M",
	"--innodb-buffer-pool-size=16M", "--innodb-flush-method=nosync",
	"--skip-log-bin", "--innodb-fast-shutdown=0", NULL,
};

/* Practice data needs no fsync, and two servers shall not take a laptop's
 * memory. */
static const char *const arguments[] = {
	"--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve",
	"--log-bin=binlog", "--relay-log=relay", "--binlog-format=ROW",
	"--sync-binlog=0", "--log-slave-updates=ON", "--gtid-strict-mode=ON",
	"--slave-net-timeout=10", "--innodb-flush-log-at-trx-commit=2",
	"--innodb-flush-method=nosync",
	"--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
	"--innodb-log-buffer-size=2M", "--key-buffer-size=1M",
	"--aria-pagecache-buffer-size=2M", "--table-open-cache=200",
	"--performance-schema=OFF", "--max-connections=4000",
	"--innodb-buffer-pool-load-at-startup=OFF",
	"--innodb-buffer-pool-dump-at-shutdown=OFF",
	"--character-set-server=utf8mb4", NULL,
};

static const char *const own_arguments[] = {
	"--server-id={number}", "--gtid-domain-id={number}", NULL,
};

static const char *const unique_files[] = {NULL};

static const char *const grants[] = {
	"GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO app@'127.0.0.1'",
	"GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'",
	"GRANT SLAVE MONITOR, BINLOG MONITOR, REPLICATION SLAVE ADMIN, "
	"READ_ONLY ADMIN, PROCESS, RELOAD ON *.* TO cutover@'127.0.0.1'",
	"GRANT SELECT ON app.* TO cutover@'127.0.0.1'",
	"GRANT SELECT ON mysql.* TO cutover@'127.0.0.1'",
	/* The provider's own account: read_only does not bind it. */
	"GRANT SUPER, READ_ONLY ADMIN ON *.* TO rdsadmin@'127.0.0.1'",
	"GRANT SELECT, INSERT, UPDATE ON mysql.* TO rdsadmin@'127.0.0.1'",
	/* As RDS's master user: neither SUPER nor SET GLOBAL nor FLUSH TABLES
	 * WITH READ LOCK. */
	"GRANT PROCESS, SHOW DATABASES, CREATE USER, REPLICATION SLAVE, "
	"SLAVE MONITOR, BINLOG MONITOR ON *.* TO admin@'127.0.0.1'",
	"GRANT ALL ON app.* TO admin@'127.0.0.1' WITH GRANT OPTION",
	"GRANT SELECT, EXECUTE ON mysql.* TO admin@'127.0.0.1'",
	NULL,
};

static const char *const none[] = {NULL};

const struct kind kind_mariadb = {
	.name = "mariadb",
	.title = "MariaDB",
	.program = "mariadbd",
	.variable = "MARIADBD",
	.built = MARIADBD,
	.missing = "install MariaDB 10.5 or newer (Debian: "
		   "mariadb-server-core)",
	.is_mariadb = true,
	.installer = "mariadb-install-db",
	.install_arguments = install,
	.arguments = arguments,
	.own_arguments = own_arguments,
	.unique_files = unique_files,
	.client_options = "loose-ssl-verify-server-cert\n",
	.grants = grants,
	.rds_grants = none,
	.aurora_grants = none,
	.words = {
		.init = "SET SESSION sql_log_bin=0;\n"
			"DELETE FROM mysql.global_priv WHERE User IN "
			"('root', '') AND Host <> 'localhost';\n"
			"FLUSH PRIVILEGES;\n"
			"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n",
		.create_user = "CREATE USER {user}@'127.0.0.1' "
			       "IDENTIFIED BY '{password}'",
		.stop = "STOP SLAVE",
		.start = "START SLAVE",
		.reset = "RESET SLAVE ALL",
		.replicate = "CHANGE MASTER TO MASTER_HOST = '{host}', "
			     "MASTER_PORT = {port}, MASTER_USER = '{user}', "
			     "MASTER_PASSWORD = '{password}', MASTER_SSL = 1, "
			     "MASTER_SSL_CA = '{ca}', "
			     "MASTER_CONNECT_RETRY = 1, "
			     "MASTER_HEARTBEAT_PERIOD = 1, "
			     "MASTER_USE_GTID = slave_pos",
		.position = "SELECT @@gtid_binlog_pos",
		.await = "SELECT MASTER_GTID_WAIT('{position}', {seconds})",
	},
	.routine = {
		/* Said directly, a procedure may not hold them here. */
		.stop = "EXECUTE IMMEDIATE 'STOP SLAVE'",
		.start = "EXECUTE IMMEDIATE 'START SLAVE'",
		.reset = "EXECUTE IMMEDIATE 'RESET SLAVE ALL'",
		.status = "EXECUTE IMMEDIATE 'SHOW REPLICA STATUS'",
		.threads = "(SELECT COUNT(*) FROM "
			   "information_schema.PROCESSLIST "
			   "WHERE COMMAND IN ('Slave_IO', 'Slave_SQL'))",
		.change = "CHANGE MASTER",
		.source = "MASTER",
		.by_position = ", MASTER_USE_GTID=no",
	},
};
