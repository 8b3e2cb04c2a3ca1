#!/bin/bash
# The cutover of DESIGN section 1 as a careful person scripts it: kubectl, the
# mysql client and curl. It stops at the first error.
#
#   scripted.sh wait      flips once v2's rollout is complete
#   scripted.sh no-wait   flips at once; users meet v2 pods still read-only
#
# Environment, as DIR/vars.yaml of the practice world has it: KUBECONFIG,
# NAMESPACE, MYSQL_FILE, FLAG_URL, FLAG_TOKEN_FILE, SERVICE_URL; MYSQL is the
# client, TOKEN tells this smoke test from others.
set -euo pipefail

rds()    { "$MYSQL" --defaults-file="$MYSQL_FILE" --defaults-group-suffix=rds -N -e "$1"; }
aurora() { "$MYSQL" --defaults-file="$MYSQL_FILE" --defaults-group-suffix=aurora -N -e "$1"; }
kube()   { kubectl -n "$NAMESPACE" "$@"; }
flag() {
	curl -fsS -X PATCH -H "Authorization: Bearer $(cat "$FLAG_TOKEN_FILE")" \
		-H 'Content-Type: application/json' -d "{\"enabled\": $1}" \
		"$FLAG_URL" >/dev/null
}

# What can be known beforehand costs no outage.
case $(aurora 'SELECT VERSION()') in
*MariaDB*)
	position='SELECT @@gtid_binlog_pos'
	caught_up() { aurora "SELECT MASTER_GTID_WAIT('$1', 60)"; } ;;
*)
	position="SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '')"
	caught_up() { aurora "SELECT WAIT_FOR_EXECUTED_GTID_SET('$1', 60)"; } ;;
esac

# 1: read-only
flag false

# 2: fence, final sync, promote
rds 'SET GLOBAL read_only = ON'
gtid=$(rds "$position")
[ "$(caught_up "$gtid")" = 0 ] || { echo 'aurora did not catch up' >&2; exit 1; }
aurora 'CALL mysql.rds_stop_replication; CALL mysql.rds_reset_external_master;
	SET GLOBAL read_only = OFF' >/dev/null

# 3: patch v2
kube set env deployment/my-app-v2 ENABLE_WRITES=true >/dev/null
if [ "$1" = wait ]; then
	kube rollout status deployment/my-app-v2 --timeout=30m >/dev/null
fi

# 4: flip
kube patch service my-app-service -p '{"spec":{"selector":{"version":"v2"}}}' >/dev/null

# 5: smoke test, flag on
deadline=$((SECONDS + 1800))
until curl -fsS -H 'Content-Type: application/json' -d "{\"token\": \"$TOKEN\"}" \
		"$SERVICE_URL/sentinel" >/dev/null 2>&1; do
	[ "$SECONDS" -lt "$deadline" ] || { echo 'the smoke test failed' >&2; exit 1; }
	sleep 0.1
done
[ "$(aurora "SELECT COUNT(*) FROM app.sentinel WHERE token = '$TOKEN'")" = 1 ]
flag true
