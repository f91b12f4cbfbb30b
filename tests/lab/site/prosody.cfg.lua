-- The lab's prosody, as the talk configures it.
plugin_paths = { "/etc/prosody/modules" }
modules_enabled = {
	"disco"; "roster"; "saslauth"; "tls"; "blocklist"; "carbons";
	"smacks"; "ping"; "register"; "time"; "uptime"; "version";
	"admin_adhoc"; "admin_shell";
}
http_ports = { 5280 }
http_interfaces = { "*", "::" }
pidfile = "/run/prosody/prosody.pid"
log = {
	info = "/var/log/prosody/prosody.log";
	error = "/var/log/prosody/prosody.err";
}

VirtualHost "jts.example"
	authentication = "anonymous";
	modules_enabled = { "bosh"; "pubsub"; }
	c2s_require_encryption = false

VirtualHost "auth.jts.example"
	ssl = {
		key = "/var/lib/prosody/auth.jts.example.key";
		certificate = "/var/lib/prosody/auth.jts.example.crt";
	}
	authentication = "internal_hashed"

Component "conference.jts.example" "muc"

Component "focus.jts.example" "client_proxy"
	target_address = "focus@auth.jts.example"

Component "internal.auth.jts.example" "muc"
	storage = "memory"
	modules_enabled = { "ping"; }
	admins = { "focus@auth.jts.example", "jvb@auth.jts.example" }
	muc_room_locking = false
	muc_room_default_public_jids = true
