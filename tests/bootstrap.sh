#!/bin/sh
# Runs ./bootstrap on a made-up machine: a PATH that holds only the tools it
# may use, and recorders in place of apt, dpkg, sudo, configure and make. So
# what it would install, and when it installs nothing, is seen without root.
set -u

source=${CUTOVER_SOURCE:-.}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
bin=$scratch/bin
calls=$scratch/calls
failed=0

# fake NAME [BODY]: a program that records its call, then runs BODY.
fake() {
	printf '#!/bin/sh\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "${2:-}" \
		>"$bin/$1"
	chmod +x "$bin/$1"
}

# A machine where everything is installed and the tree is configured.
machine() {
	rm -rf "$tree" "$bin"
	mkdir "$tree" "$bin"
	for tool in sh dirname cat grep tr mktemp rm env mkdir ls fold sed; do
		ln -s "$(command -v $tool)" "$bin/$tool"
	done
	for name in mariadbd mariadb kubectl autoreconf automake autopoint \
		msgfmt pkg-config cc make apt-get; do
		fake $name
	done
	fake apt-cache 'echo "  Candidate: ${CANDIDATE-1.0}"'
	fake id 'echo 0'
	fake dpkg-query '
	shift 3
	for package; do
		[ "$package" = "$MISSING" ] || printf "%s=installed " "$package"
	done'
	cp "$source/bootstrap" "$tree/bootstrap"
	touch "$tree/configure.ac" "$tree/Makefile" "$tree/config.status"
	touch "$tree/configure"
	for name in configure config.status; do
		printf '#!/bin/sh\necho "%s $*" >>"%s"\n' $name "$calls" \
			>"$tree/$name"
		chmod +x "$tree/$name"
	done
}

# run MISSING [ARGUMENT]...: bootstrap from another directory; sets $status.
run() {
	MISSING=$1
	export MISSING
	shift
	: >"$calls"
	(cd / && PATH=$bin "$tree/bootstrap" "$@") >"$scratch/out" 2>&1
	status=$?
}

# expect NAME CONDITION...: the condition is a command.
expect() {
	name=$1
	shift
	if "$@"; then
		echo "PASS: $name"
	else
		echo "FAIL: $name (status $status)"
		sed 's/^/    said: /' "$scratch/out"
		sed 's/^/    called: /' "$calls"
		failed=1
	fi
}
called() { grep -q -- "$1" "$calls"; }
not_called() { ! called "$1"; }
said() { grep -q -- "$1" "$scratch/out"; }

machine
run ''
expect 'nothing to do: no apt-get' not_called '^apt-get'
expect 'nothing to do: no configure' not_called '^conf'
expect 'nothing to do: make decides' called '^make'
run '' --enable-werror
expect 'arguments go to configure' called '^configure .*--enable-werror'

machine
run tmux
expect 'as root: the lists are read first' called '^apt-get .* update'
expect 'as root: only what is missing' called 'no-install-recommends -y tmux$'
expect 'as root: what is installed is named' said 'installing: tmux'
expect 'as root: configured again' called '^config.status .*--recheck'

machine
fake id 'echo 1000'
fake sudo 'exec "$@"'
run libyaml-dev
expect 'with sudo: through sudo' called '^sudo .* install .*libyaml-dev$'

machine
fake id 'echo 1000'
run libyaml-dev
expect 'no root, no sudo: refused' test "$status" -eq 1
expect 'no root, no sudo: says what to type' \
	said 'apt-get install --no-install-recommends libyaml-dev$'

machine
rm "$bin/kubectl"
run ''
expect 'a missing program: its package' called 'install .*kubernetes-client$'

machine
rm "$bin/kubectl"
CANDIDATE='(none)'
export CANDIDATE
run tmux
unset CANDIDATE
expect 'a program that apt cannot give: said' said 'no package here has kubectl'
expect 'a program that apt cannot give: the rest' called ' -y tmux$'

machine
fake apt-get 'case "$*" in *install*) echo "no such luck"; exit 100 ;; esac'
run tmux
expect 'apt-get fails: so does bootstrap' test "$status" -eq 1
expect 'apt-get fails: its words are shown' said 'no such luck'
expect 'apt-get fails: nothing is built' not_called '^make'

machine
rm "$bin/apt-get"
run ''
expect 'no apt: the packages are named' said libjansson-dev
expect 'no apt, tools there: goes on' called '^make'
rm "$bin/autopoint"
run ''
expect 'no apt, a tool lacking: stops' test "$status" -eq 1
expect 'no apt, a tool lacking: named' said 'without: autopoint'

exit $failed
