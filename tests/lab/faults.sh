# The faults of the lab, one function each: fault_NAME on|off.  Sourced by
# fault; wants lib.sh and start.sh.

fault_list() {
	cat <<-'END'
	  prosody-down         prosody is stopped
	  prosody-frozen       prosody takes connections and says nothing
	  focus-password       jicofo.conf has another password than prosody
	  jvb-password         jvb.conf has another password than prosody
	  roster-missing       the focus user has no roster entry for the component
	  cert-expired         prosody's certificate below a CA has expired
	  cert-name            prosody's certificate names another host
	  5222-dropped         the router drops tcp/5222 to xmpp
	  5222-rejected        the router rejects tcp/5222 to xmpp
	  5280-dropped         the router drops tcp/5280 to xmpp
	  location-missing     nginx.conf has no location for /http-bind
	  host-header          nginx sends prosody another Host than asked for
	  websocket            not a fault: nginx and prosody serve websockets too
	  ws-upgrade           websockets, but nginx passes no Upgrade header
	  ssi-off              nginx does not run server side includes
	  room-regex           nginx has no location for room names
	  config-comma         a comma is missing in config.js
	  dns-missing          the name xmpp does not exist for jvb
	  two-a-records        the site's name has two addresses in public DNS
	  nginx-down           nginx is stopped
	  jicofo-down          jicofo is stopped
	  jicofo-health-on     not a fault: jicofo's health check is enabled
	  jicofo-health-404    not a fault: it is not (how the lab starts)
	  jvb-down             jvb is stopped
	  jvb-frozen           jvb takes connections and says nothing
	  jvb-health-500       jvb says it is not healthy
	  jvb-cut              jvb cannot reach prosody, its health is 200
	  jvb-cut-silently     the link is cut under a jvb that is logged in
	  brewery-empty        jvb joins another room than jicofo looks in
	  udp-dropped          the router drops udp/10000
	  udp-out-dropped      the router drops udp from port 10000 outwards
	END
}

# edit VM FILE SED: changes a file of the VM, keeps the good one.
edit() {
	_f=$LAB/$1$2
	[ -e "$_f.good" ] || cp -p "$_f" "$_f.good"
	sed "$3" "$_f.good" >"$_f"
	if cmp -s "$_f" "$_f.good"; then
		echo "fault: the change of $2 changed nothing" >&2
		return 1
	fi
}

restore() {
	_f=$LAB/$1$2
	[ ! -e "$_f.good" ] || { cat "$_f.good" >"$_f"; rm "$_f.good"; }
}

# swap on|off VM FILE NEW: the same with a whole file.
swap() {
	_f=$LAB/$2$3
	if [ "$1" = on ]; then
		[ -e "$_f.good" ] || cp -p "$_f" "$_f.good"
		cat "$4" >"$_f"
	else
		restore "$2" "$3"
	fi
}

router_rule() {
	on router nft flush chain ip filter faults
	[ "$1" = off ] || on router nft add rule ip filter faults "$2"
}

restart() {
	service_stop "$1" "$2"
	"start_$2"
}

# A program that is back says so in its log, after what was there.
start_and_wait() {
	_log=$1 _line=$2 _start=$3
	_had=$(grep -c "$_line" "$_log") || true
	$_start
	wait_for 15 "$_start" more_lines "$_log" "$_line" "$_had"
}

more_lines() {
	[ "$(grep -c "$2" "$1")" -gt "$3" ]
}

jicofo_back() {
	start_and_wait "$LAB/jicofo/log/jitsi/jicofo.log" "Joined the room" \
	    "restart jicofo jicofo"
}

# Not jicofo's word: when the link was cut, prosody keeps the old session as
# an occupant and the new one is no new bridge.
jvb_back() {
	start_and_wait "$LAB/jvb/log/jitsi/jvb.log" "Joined MUC" \
	    "restart jvb jvb"
}

# A prosody that is ending takes logins for a second more: what is waited
# for is counted after it is gone.
prosody_back() {
	service_stop xmpp prosody
	start_and_wait "$LAB/xmpp/log/prosody/prosody.log" \
	    "Activated service 'http'" start_prosody
}

# After prosody comes back jicofo and jvb find it again by themselves.
site_back() {
	service_stop xmpp prosody
	start_and_wait "$LAB/jicofo/log/jitsi/jicofo.log" \
	    "Added brewery instance" start_prosody
}

nginx_reload() {
	if on web nginx -t >"$LAB/web/log/nginx.test" 2>&1; then
		service_signal web nginx HUP
		sleep 0.3
	else
		cat "$LAB/web/log/nginx.test" >&2
		return 1
	fi
}

nginx_edit() {
	if [ "$1" = on ]; then
		edit web /etc/nginx/nginx.conf "$2"
	else
		restore web /etc/nginx/nginx.conf
	fi
	nginx_reload
}

fault_prosody_down() {
	case $1 in
	on) service_stop xmpp prosody ;;
	off) site_back ;;
	esac
}

fault_prosody_frozen() {
	case $1 in
	on) service_signal xmpp prosody STOP ;;
	off) service_signal xmpp prosody CONT ;;
	esac
}

fault_focus_password() {
	case $1 in
	on)
		edit jicofo /etc/jicofo/jicofo.conf s/n4pHvQ2xWb/another-one/
		start_and_wait "$LAB/xmpp/log/prosody/prosody.log" \
		    "Client disconnected" "restart jicofo jicofo"
		sleep 1
		;;
	off)
		restore jicofo /etc/jicofo/jicofo.conf
		jicofo_back
		;;
	esac
}

fault_jvb_password() {
	case $1 in
	on)
		edit jvb /etc/jvb/jvb.conf s/tR7kMz9sLd/another-one/
		restart jvb jvb
		sleep 1
		;;
	off)
		restore jvb /etc/jvb/jvb.conf
		jvb_back
		;;
	esac
}

fault_roster_missing() {
	_r="/prosody/auth%2ejts%2eexample/roster/focus.dat"
	echo 'return {};' >"$LAB/ca/roster.none"
	swap "$1" xmpp "$_r" "$LAB/ca/roster.none"
	site_back
}

# prosody shows another certificate; the stores hold what the case needs.
prosody_cert() {
	_c=$LAB/ca
	swap "$1" xmpp /prosody/auth.$SITE.crt "$_c/$2.crt"
	swap "$1" xmpp /prosody/auth.$SITE.key "$_c/$2.key"
	swap "$1" jicofo /etc/jicofo/jicofo-key.store "$_c/$3"
	swap "$1" jvb /etc/jvb/jvb-key.store "$_c/$3"
	swap "$1" jicofo /run/peer.crt "$_c/$2.crt"
	swap "$1" jicofo /run/trust.pem "$_c/$3.pem"
	if [ "$1" = on ]; then
		prosody_back
		sleep 2
	else
		site_back
	fi
}

fault_cert_expired() { prosody_cert "$1" expired store-ca; }
fault_cert_name() { prosody_cert "$1" othername store-othername; }

# router_fault on|off RULE: and both programs start anew under it.  prosody
# has not seen the old sessions end and keeps them as ghosts in the brewery:
# it starts anew as well when the way is free again.
router_fault() {
	router_rule "$1" "$2"
	if [ "$1" = on ]; then
		restart jicofo jicofo
		restart jvb jvb
		sleep 1
	else
		site_back
	fi
}

fault_5222_dropped() {
	router_fault "$1" "ip daddr 100.64.2.3 tcp dport 5222 drop"
}

fault_5222_rejected() {
	router_fault "$1" \
	    "ip daddr 100.64.2.3 tcp dport 5222 reject with tcp reset"
}

fault_5280_dropped() {
	router_rule "$1" "ip daddr 100.64.2.3 tcp dport 5280 drop"
}

fault_location_missing() {
	nginx_edit "$1" '/# BOSH/,/^        }/d'
}

fault_host_header() {
	nginx_edit "$1" 's/Host $http_host/Host xmpp/'
}

# websocket on|off [without]: what a site with websockets adds.
websocket() {
	if [ "$1" = on ]; then
		edit xmpp /etc/prosody/prosody.cfg.lua \
		    's/"bosh"; "pubsub";/"bosh"; "websocket"; "pubsub";/'
		edit web /www/jitsi-meet/config.js \
		    "s|^  bosh:.*|&\n  websocket: 'wss://jts.example/xmpp-websocket',|"
		edit web /etc/nginx/nginx.conf '/# BOSH/i\
        location = /xmpp-websocket {\
            proxy_pass http://xmpp:5280/xmpp-websocket;\
            proxy_http_version 1.1;\
            proxy_set_header Upgrade $http_upgrade;\
            proxy_set_header Connection "upgrade";\
            proxy_set_header Host $http_host;\
        }\
'
		[ -z "${2:-}" ] || sed -i '/Upgrade \$http_upgrade/d
			/Connection "upgrade"/d' "$LAB/web/etc/nginx/nginx.conf"
	else
		restore xmpp /etc/prosody/prosody.cfg.lua
		restore web /www/jitsi-meet/config.js
		restore web /etc/nginx/nginx.conf
	fi
	site_back
	nginx_reload
}

fault_websocket() { websocket "$1"; }
fault_ws_upgrade() { websocket "$1" without; }

fault_ssi_off() { nginx_edit "$1" 's/ssi on;/ssi off;/'; }

fault_room_regex() { nginx_edit "$1" '/# rooms/,/^        }/d'; }

fault_config_comma() {
	if [ "$1" = on ]; then
		edit web /www/jitsi-meet/config.js \
		    "s/domain: 'jts.example',/domain: 'jts.example'/"
	else
		restore web /www/jitsi-meet/config.js
	fi
}

fault_dns_missing() {
	if [ "$1" = on ]; then
		edit jvb /etc/hosts '/xmpp/d'
		edit router /etc/zone '/^xmpp/d'
		restart jvb jvb
		sleep 1
	else
		restore jvb /etc/hosts
		restore router /etc/zone
		jvb_back
	fi
}

fault_two_a_records() {
	if [ "$1" = on ]; then
		edit router /etc/zone \
		    's/^jts.example.*/&\njts.example\tA\t203.0.113.77/'
	else
		restore router /etc/zone
	fi
}

stopped() {
	_what=$1 _vm=$2 _service=$3 _back=$4
	if [ "$_what" = on ]; then
		service_stop "$_vm" "$_service"
	else
		$_back
	fi
}

fault_nginx_down() { stopped "$1" web nginx start_nginx; }
fault_jicofo_down() { stopped "$1" jicofo jicofo jicofo_back; }
fault_jvb_down() { stopped "$1" jvb jvb jvb_back; }

fault_jvb_frozen() {
	case $1 in
	on) service_signal jvb jvb STOP ;;
	off) service_signal jvb jvb CONT ;;
	esac
}

fault_jicofo_health_on() {
	if [ "$1" = on ]; then
		: >"$LAB/jicofo/run/jicofo.health-on"
		edit jicofo /etc/jicofo/jicofo.conf \
		    's/^  sctp {/  health {\n    enabled = true\n  }\n&/'
	else
		rm -f "$LAB/jicofo/run/jicofo.health-on"
		restore jicofo /etc/jicofo/jicofo.conf
	fi
	jicofo_back
}

fault_jicofo_health_404() { :; }

fault_jvb_health_500() {
	if [ "$1" = on ]; then
		echo "Failed to bind single-port" >"$LAB/jvb/run/jvb.health"
	else
		rm -f "$LAB/jvb/run/jvb.health"
	fi
}

JVB_TO_XMPP="ip saddr 100.64.4.3 ip daddr 100.64.2.3 tcp dport 5222"

fault_jvb_cut() {
	router_rule "$1" "$JVB_TO_XMPP drop"
	if [ "$1" = on ]; then
		restart jvb jvb
		sleep 1
	else
		site_back
	fi
}

fault_jvb_cut_silently() {
	router_rule "$1" "$JVB_TO_XMPP drop"
	[ "$1" = on ] || site_back
}

fault_brewery_empty() {
	if [ "$1" = on ]; then
		edit jvb /etc/jvb/jvb.conf s/JvbBrewery@/JvbBrewry@/
		start_and_wait "$LAB/jvb/log/jitsi/jvb.log" "Joined MUC" \
		    "restart jvb jvb"
	else
		restore jvb /etc/jvb/jvb.conf
		jvb_back
	fi
}

fault_udp_dropped() {
	router_rule "$1" "udp dport 10000 drop"
}

fault_udp_out_dropped() {
	router_rule "$1" "udp sport 10000 drop"
}
