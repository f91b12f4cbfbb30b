# SPDX-License-Identifier: ISC
# meetprobe rules and explain: the built-in catalogue passes its own check
# and tests; broken catalogues are refused with exit 2 and nothing on
# standard output; a failing test of the catalogue is exit 1.
m=${MEETPROBE_BUILD:-build}/meetprobe
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
n=0

check() {	# check STATUS TEXT
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$dir/out" "$dir/err" | head -40
	fi
}

run() {		# run ARGUMENT ...: status, $dir/out, $dir/err
	"$m" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

run rules check
check $((status != 0)) "rules check: the built-in catalogue"
run rules test
check $((status != 0)) "rules test: $(tail -1 "$dir/out")"
run rules list causes
grep -q '^cause *truststore-lacks-cert ' "$dir/out"
check $((status + $?)) "rules list causes"
run rules nonsense
check $((status != 2)) "a word that is none is a usage error"

mkdir "$dir/bad" "$dir/own"
printf 'signal x\n\tfrom nowhere\n' >"$dir/bad/bad.pit"
for c in "rules check" "rules test" "explain wrong-password"; do
	run -p "$dir/bad" $c
	[ $status -eq 2 ] && [ ! -s "$dir/out" ] &&
	    grep -q 'bad.pit:2:7: expected a component' "$dir/err"
	check $? "$c: a broken catalogue is exit 2, said with its place"
done
run -p "$dir/none" rules check
check $((status != 2)) "a folder that is not there is exit 2"

cat >"$dir/own/own.pit" <<'END'
signal own-sign
	from prosody
	title "a sign of our own"
	text "our own sign {name:word}"
cause own-cause
	kind other
	title "a cause of our own"
	severity down
	prior common
	always own-sign
	say "our own {name}"
	fix any "mend {name}" cmd "echo hello" interrupts nothing
	test "found" {
		log prosody <<END
		Sep 16 14:35:58 c2s60a86b47480 info our own sign here
		END
		expect first own-cause
	}
	test "not there" {
		log prosody <<END
		Sep 16 14:35:58 c2s60a86b47480 info nothing of the sort
		END
		expect none
	}
END
run -p "$dir/own" rules test own-cause
check $((status != 0)) "a catalogue of one's own is added and tested"
sed 's/expect none/expect first own-cause/' "$dir/own/own.pit" \
    >"$dir/own/own.new" && mv "$dir/own/own.new" "$dir/own/own.pit"
run -p "$dir/own" rules test own-cause
[ $status -eq 1 ] && grep -q 'own.pit:[0-9]*: own-cause, test "not there"' \
    "$dir/out"
check $? "a failing test is exit 1, said with its place"

run explain truststore-lacks-cert
grep -q '^cause truststore-lacks-cert ' "$dir/out"
check $((status + $?)) "explain a cause"
run explain prosody-tls-cert-unknown
grep -q 'truststore-lacks-cert' "$dir/out"
check $((status + $?)) "explain a signal names the causes it speaks for"
run explain tcp.connect
grep -q '^check tcp.connect ' "$dir/out"
check $((status + $?)) "explain a check"
run explain truststore-lacks-crt
[ $status -eq 2 ] && [ ! -s "$dir/out" ] &&
    grep -q truststore-lacks-cert "$dir/err"
check $? "explain of an unknown id: exit 2 and the nearest"
run -p "$dir/own" explain --line \
    'Sep 16 14:35:58 c2s60a86b47480 info our own sign here'
grep -q '^signal own-sign ' "$dir/out" && grep -q '{name} = here' "$dir/out"
check $((status + $?)) "explain --line: the signal and its captures"
run -p "$dir/own" explain --line \
    'JVB 2026-11-22 10:00:00.000 INFO: [1] A.b#1: our own sign here'
grep -q 'not own-sign: its text is there, but the line is of jvb' "$dir/out"
check $((status + $?)) "explain --line: why a signal does not match"
run explain --line "$(printf 'Sep 16 14:35:58 x info \033[31mred')"
grep -q "$(printf '\033')" "$dir/out"
check $((! $?)) "explain --line prints no escape sequences"
echo "1..$n"
