#!/bin/sh
# Installs below another root, as a package's build does, and runs what was
# installed from there: it must find its own files without the build tree.
set -u

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
unset MAKEFLAGS MAKELEVEL MFLAGS 2>/dev/null || true
failed=0

# expect NAME COMMAND...: with the command's output shown if it fails.
expect() {
	name=$1
	shift
	if "$@" >"$scratch/out" 2>&1; then
		echo "PASS: $name"
	else
		echo "FAIL: $name"
		sed 's/^/    /' "$scratch/out"
		failed=1
	fi
}

expect 'make install' make -C "$CUTOVER_BUILD" install DESTDIR="$root"
program=$(find "$root" -path '*/bin/cutover' -type f)
world=$(find "$root" -name cutover-world -type f)
cd / || exit 1
expect 'the installed program runs' "$program" --version
expect 'it finds a shipped runbook by name' "$program" check aurora-cutover
expect 'the world program is installed' test -x "$world"
expect 'it lists the scenarios' "$program" rehearse --list
for path in "$CUTOVER_SOURCE"/runbooks/*.yaml \
		"$CUTOVER_SOURCE"/runbooks/rehearsal/*.yaml; do
	name=${path#"$CUTOVER_SOURCE"/}
	expect "installed: $name" \
		test -n "$(find "$root" -path "*/$name")"
done
expect 'make uninstall' make -C "$CUTOVER_BUILD" uninstall DESTDIR="$root"
expect 'and nothing is left' test -z "$(find "$root" -type f)"

exit $failed
