# Writes the files of every VM below $LAB.  Sourced by lab.

# What every VM has in /etc: enough for names, users, libraries and Java.
etc_base() {
	mkdir -p "$LAB/$1/etc" "$LAB/$1/log" "$LAB/$1/run" "$LAB/$1/www" \
	    "$LAB/$1/prosody" "$LAB/$1/nginx" "$LAB/$1/var/log" \
	    "$LAB/$1/var/www" "$LAB/$1/var/lib/dpkg" "$LAB/$1/var/tmp" \
	    "$LAB/$1/var/lib/prosody" "$LAB/$1/var/lib/nginx"
	ln -s /run "$LAB/$1/var/run"
	for _f in passwd group nsswitch.conf services protocols localtime \
	    timezone ld.so.cache ld.so.conf ld.so.conf.d alternatives \
	    debian_version os-release login.defs shells host.conf gai.conf \
	    java-17-openjdk lua profile; do
		[ -e "/etc/$_f" ] && cp -RP --preserve=mode,timestamps "/etc/$_f" "$LAB/$1/etc/"
	done
	mkdir -p "$LAB/$1/etc/ssl/certs" "$LAB/$1/etc/ssl/private"
	[ -e /etc/ssl/openssl.cnf ] && cp /etc/ssl/openssl.cnf "$LAB/$1/etc/ssl/"
	cp "$LAB/ca/ca.crt" "$LAB/$1/etc/ssl/certs/ca-certificates.crt"
	cp "$LAB/ca/ca.crt" "$LAB/$1/etc/ssl/certs/$LAB_CA_HASH.0"
	echo "hosts: files dns" >"$LAB/$1/etc/nsswitch.conf"
	echo "$1" >"$LAB/$1/etc/hostname"
	echo "nameserver $2" >"$LAB/$1/etc/resolv.conf"
	printf '127.0.0.1\tlocalhost\n' >"$LAB/$1/etc/hosts"
}

hosts_of_the_site() {
	cat <<-END
	100.64.1.3	web
	100.64.2.3	xmpp $SITE
	100.64.3.3	jicofo
	100.64.4.3	jvb
	END
}

build_web() {
	hosts_of_the_site | sed "s/ $SITE//" >>"$LAB/web/etc/hosts"
	mkdir -p "$LAB/web/etc/nginx" "$LAB/web/log/nginx" \
	    "$LAB/web/www/acme" "$LAB/web/www/jitsi-meet/libs"
	cp /etc/nginx/mime.types "$LAB/web/etc/nginx/"
	sed "s/^user .*/user $LAB_WWW;/" "$here/site/nginx.conf" \
	    >"$LAB/web/etc/nginx/nginx.conf"
	cp "$LAB/ca/$SITE.crt" "$LAB/ca/$SITE.key" "$LAB/web/etc/nginx/"
	_w=$LAB/web/www/jitsi-meet
	cp "$here/site/index.html" "$here/site/config.js" "$_w/"
	echo '<meta name="lab" content="included by the server">' >"$_w/head.html"
	echo 'var JitsiMeetJS = {}; // stands for lib-jitsi-meet' \
	    >"$_w/libs/lib-jitsi-meet.min.js"
	echo 'var JitsiMeetExternalAPI = function () {};' \
	    >"$_w/libs/external_api.min.js"
	[ "$LAB_WWW" = root ] || chown -R "$LAB_WWW" "$LAB/web/nginx"
}

build_xmpp() {
	hosts_of_the_site >>"$LAB/xmpp/etc/hosts"
	mkdir -p "$LAB/xmpp/etc/prosody/modules" "$LAB/xmpp/etc/prosody/certs" \
	    "$LAB/xmpp/log/prosody" "$LAB/xmpp/run/prosody"
	cp "$here/site/prosody.cfg.lua" "$LAB/xmpp/etc/prosody/"
	[ "$LAB_PROSODY" = root ] &&
	    sed -i '1a run_as_root = true' "$LAB/xmpp/etc/prosody/prosody.cfg.lua"
	cp "$here/mod_client_proxy.lua" "$LAB/xmpp/etc/prosody/modules/"
	cp "$LAB/ca/auth.$SITE.crt" "$LAB/ca/auth.$SITE.key" "$LAB/xmpp/prosody/"
	[ "$LAB_PROSODY" = root ] || chown -R "$LAB_PROSODY" \
	    "$LAB/xmpp/prosody" "$LAB/xmpp/log/prosody" "$LAB/xmpp/run/prosody"
}

build_jicofo() {
	hosts_of_the_site >>"$LAB/jicofo/etc/hosts"
	mkdir -p "$LAB/jicofo/etc/jicofo" "$LAB/jicofo/log/jitsi"
	cp "$here/site/jicofo.conf" "$here/site/jicofo.in.sh" \
	    "$here/site/logging.properties" "$LAB/jicofo/etc/jicofo/"
	cp "$LAB/ca/store" "$LAB/jicofo/etc/jicofo/jicofo-key.store"
	chmod 640 "$LAB"/jicofo/etc/jicofo/jicofo.*
	# The stand-in cannot read a Java store: the same as PEM, and the
	# certificate that prosody shows.
	cp "$LAB/ca/store.pem" "$LAB/jicofo/run/trust.pem"
	cp "$LAB/ca/auth.$SITE.crt" "$LAB/jicofo/run/peer.crt"
}

build_jvb() {
	hosts_of_the_site >>"$LAB/jvb/etc/hosts"
	mkdir -p "$LAB/jvb/etc/jvb" "$LAB/jvb/log/jitsi"
	cp "$here/site/jvb.conf" "$here/site/jvb.in.sh" \
	    "$here/site/sip-communicator.properties" \
	    "$here/site/logging.properties" "$LAB/jvb/etc/jvb/"
	cp "$LAB/ca/store" "$LAB/jvb/etc/jvb/jvb-key.store"
	chmod 640 "$LAB"/jvb/etc/jvb/jvb.*
}

lab_build() {
	rm -rf "$LAB"
	mkdir -p "$LAB/ca" "$LAB/faults"
	# Root can give files away; in a user namespace there is one user.
	if [ -z "${LAB_INSIDE:-}" ]; then
		LAB_WWW=www-data LAB_PROSODY=prosody
	else
		LAB_WWW=root LAB_PROSODY=root
	fi
	printf 'LAB_WWW=%s\nLAB_PROSODY=%s\n' $LAB_WWW $LAB_PROSODY >"$LAB/users"
	"$here/certs" "$LAB/ca"
	LAB_CA_HASH=$(openssl x509 -noout -subject_hash -in "$LAB/ca/ca.crt")
	n=1
	for vm in $VMS; do
		etc_base $vm 100.64.$n.2
		n=$((n + 1))
		build_$vm
	done
	etc_base router 127.0.0.1
	hosts_of_the_site | sed "s/ $SITE//" >>"$LAB/router/etc/hosts"
	cp "$here/site/router.nft" "$LAB/router/etc/nftables.conf"
	cp "$here/site/zone" "$LAB/router/etc/zone"
	cat >"$LAB/router/etc/meetprobe.conf" <<-END
	site "$SITE"
	role router
	host web address 100.64.1.3
	host xmpp address 100.64.2.3
	host jicofo address 100.64.3.3
	host jvb address 100.64.4.3
	public address 203.0.113.1
	END
	etc_base client 203.0.113.1
	cat >"$LAB/client/etc/meetprobe.conf" <<-END
	site "$SITE"
	role outside
	public address 203.0.113.1
	END
}
