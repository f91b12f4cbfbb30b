# Starts the VMs, wires them and starts their programs.  Sourced by lab.

start_vm() {
	setsid unshare -mnpu -f --kill-child "$here/vm.sh" "$1" \
	    </dev/null >"$LAB/$1/vm.out" 2>&1 &
}

# wire VM NUMBER: a cable between the VM and the router, as vmd does it.
wire() {
	_vm=$1 _net=$2
	on_net router ip link add "r-$_vm" type veth peer name vio0 \
	    netns "$(vm_pid "$_vm")"
	on_net router ip addr add "100.64.$_net.2/24" dev "r-$_vm"
	on_net router ip link set "r-$_vm" up
	on_net "$_vm" ip addr add "100.64.$_net.3/24" dev vio0
	on_net "$_vm" ip link set vio0 up
	on_net "$_vm" ip route add default via "100.64.$_net.2"
}

# Only the network of a VM: the processes' numbers stay those of outside.
on_net() {
	_p=$(vm_pid "$1")
	shift
	nsenter -t "$_p" -n -- env PATH="$PATH:/usr/sbin:/sbin" "$@"
}

lab_network() {
	_n=1
	for _v in $VMS; do
		wire "$_v" $_n
		_n=$((_n + 1))
	done
	on_net router ip link add wan type veth peer name vio0 \
	    netns "$(vm_pid client)"
	on_net router ip addr add 203.0.113.1/24 dev wan
	on_net router ip link set wan up
	on_net client ip addr add 203.0.113.10/24 dev vio0
	on_net client ip link set vio0 up
	on router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	on router nft -f /etc/nftables.conf
}


start_prosody() {
	if [ "$LAB_PROSODY" = root ]; then
		service xmpp prosody prosody -F
	else
		service xmpp prosody setpriv --reuid "$LAB_PROSODY" \
		    --regid "$LAB_PROSODY" --init-groups prosody -F
	fi
}

start_nginx() {
	service web nginx nginx -g 'daemon off;'
}

start_jicofo() {
	service jicofo jicofo "$PYTHON" "$here/jicofo.py"
}

start_jvb() {
	service jvb jvb "$PYTHON" "$here/jvb.py"
}

# The accounts, as prosodyctl makes them, and the roster entry that lets the
# focus component see the focus user.
lab_accounts() {
	for _a in focus:n4pHvQ2xWb jvb:tR7kMz9sLd; do
		as_prosody prosodyctl register "${_a%%:*}" "auth.$SITE" \
		    "${_a#*:}" >>"$LAB/xmpp/accounts.out" 2>&1
	done
	_r=$LAB/xmpp/prosody/auth%2e$(echo $SITE | sed 's/\./%2e/g')/roster
	mkdir -p "$_r"
	cp "$here/site/roster.dat" "$_r/focus.dat"
	[ "$LAB_PROSODY" = root ] || chown -R "$LAB_PROSODY" "$LAB/xmpp/prosody"
}

as_prosody() {
	if [ "$LAB_PROSODY" = root ]; then
		on xmpp "$@"
	else
		on xmpp setpriv --reuid "$LAB_PROSODY" --regid \
		    "$LAB_PROSODY" --init-groups "$@"
	fi
}

lab_ports() {
	PYTHON=$(python3 -c 'import sys; print(sys.executable)')
	. "$LAB/users"
}

port_open() {
	on "$1" "$PYTHON" -c 'import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)' "$2" "$3"
}

logged() {
	grep -q "$2" "$1"
}

lab_start() {
	lab_ports
	for _v in $HOSTS; do
		start_vm "$_v"
	done
	for _v in $HOSTS; do
		wait_for 5 "VM $_v" vm_up "$_v"
	done
	lab_network
	service router dns "$PYTHON" "$here/dns.py" /etc/zone 127.0.0.1 \
	    100.64.1.2 100.64.2.2 100.64.3.2 100.64.4.2 203.0.113.1
	lab_accounts
	start_nginx
	start_prosody
	wait_for 10 "prosody on 5222" \
	    logged "$LAB/xmpp/log/prosody/prosody.log" "Activated service 'http'"
	start_jicofo
	wait_for 10 "jicofo in the brewery" \
	    logged "$LAB/jicofo/log/jitsi/jicofo.log" "Joined the room"
	start_jvb
	wait_for 10 "the bridge in the brewery" \
	    logged "$LAB/jicofo/log/jitsi/jicofo.log" "Added brewery instance"
}
