# What the lab's commands share: names, addresses, running things on a VM.
# Sourced; wants $here (tests/lab) and $LAB (where the state is).

VMS="web xmpp jicofo jvb"
HOSTS="router $VMS client"
SITE=jts.example

# From outside, without root, the lab's user namespace is entered first.
ENTER="-m -n -p -u"
[ "$(id -u)" -eq 0 ] || ENTER="-U --preserve-credentials $ENTER"

vm_address() {
	case $1 in
	web) echo 100.64.1.3 ;;
	xmpp) echo 100.64.2.3 ;;
	jicofo) echo 100.64.3.3 ;;
	jvb) echo 100.64.4.3 ;;
	router) echo 203.0.113.1 ;;
	client) echo 203.0.113.10 ;;
	esac
}

# The process that holds the namespaces of a VM, as this system numbers it.
vm_pid() {
	cat "$LAB/$1/pid" 2>/dev/null
}

vm_up() {
	_p=$(vm_pid "$1") && [ -n "$_p" ] && kill -0 "$_p" 2>/dev/null
}

lab_running() {
	for _v in $HOSTS; do
		vm_up "$_v" || return 1
	done
}

# on VM COMMAND ...: run a command as on that VM, in this folder.
on() {
	_vm=$1
	shift
	_p=$(vm_pid "$_vm") || { echo "no VM $_vm: is the lab up?" >&2
		return 69; }
	nsenter -t "$_p" $ENTER -- env -C "${LAB_CWD:-/}" \
	    HOME=/root LAB="$LAB" PATH="$PATH:/usr/sbin:/sbin" "$@"
}

# service VM NAME COMMAND ...: start it there, detached, its pid (as that VM
# numbers it) in /run/NAME.pid, its output in /var/log/NAME.console.
service() {
	_vm=$1 _name=$2
	shift 2
	on "$_vm" setsid sh -c '
		n=$1; shift
		"$@" </dev/null >>/var/log/"$n".console 2>&1 &
		echo $! >/run/"$n".pid' sh "$_name" "$@" \
	    </dev/null >/dev/null 2>&1
}

# service_signal VM NAME SIGNAL
service_signal() {
	_pid=$(cat "$LAB/$1/run/$2.pid" 2>/dev/null) || return 0
	on "$1" kill "-$3" "$_pid" 2>/dev/null || true
}

service_up() {
	_pid=$(cat "$LAB/$1/run/$2.pid" 2>/dev/null) || return 1
	on "$1" kill -0 "$_pid" 2>/dev/null
}

# Ends a service and waits until it is gone (2 s, then by force).
service_stop() {
	service_signal "$1" "$2" CONT
	service_signal "$1" "$2" TERM
	_n=0
	while service_up "$1" "$2"; do
		_n=$((_n + 1))
		[ $_n -ge 40 ] && service_signal "$1" "$2" KILL
		[ $_n -ge 60 ] && return 1
		sleep 0.05
	done
	rm -f "$LAB/$1/run/$2.pid"
}

# wait_for SECONDS WHAT COMMAND ...: until the command succeeds.
wait_for() {
	_s=$1 _what=$2
	shift 2
	_n=0
	until "$@" >/dev/null 2>&1; do
		_n=$((_n + 1))
		if [ $_n -ge $((_s * 10)) ]; then
			echo "lab: $_what: not within $_s s" >&2
			return 1
		fi
		sleep 0.1
	done
}

# The agent's processes become another user: not every user namespace has one.
agents_possible() {
	on web setpriv --reuid nobody --regid nogroup --clear-groups true \
	    2>/dev/null
}

# Says why no lab can be on this machine.
lab_possible() {
	for _c in unshare nsenter ip nft prosody nginx openssl python3; do
		PATH="$PATH:/usr/sbin:/sbin" command -v $_c >/dev/null || {
			echo "lab: $_c is missing (make deps)" >&2; return 1; }
	done
	if [ "$(id -u)" -eq 0 ]; then
		unshare -mnpu -f true 2>/dev/null
	else
		unshare -Urmnpu -f true 2>/dev/null
	fi || { echo "lab: this system allows no namespaces here" >&2
		return 1; }
}

lab_status() {
	for _v in $HOSTS; do
		if vm_up "$_v"; then
			_what=$(cd "$LAB/$_v/run" && for _f in *.pid; do
				[ ! -e "$_f" ] || printf ' %s' "${_f%.pid}"
			done)
			printf '%-7s %-13s pid %-7s%s\n' "$_v" \
			    "$(vm_address "$_v")" "$(vm_pid "$_v")" "$_what"
		else
			printf '%-7s %-13s down\n' "$_v" "$(vm_address "$_v")"
		fi
	done
	echo "files of a VM: $LAB/VM/{etc,log,run,www}"
	echo "a command there: tests/lab/on VM COMMAND; a fault:" \
	    "tests/lab/fault NAME on|off"
}

# A VM's first process ends: so does everything in that VM.
lab_down() {
	for _v in $HOSTS; do
		vm_up "$_v" && kill -KILL "$(vm_pid "$_v")" 2>/dev/null
		rm -f "$LAB/$_v/pid"
	done
	rm -f "$LAB"/faults/* 2>/dev/null
	return 0
}
