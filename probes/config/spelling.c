/* SPDX-License-Identifier: ISC */
/*
 * Names that a program does not know and that are nearly one it does: options
 * and modules of prosody, variables of *.in.sh and .env, keys of
 * turnserver.conf and the small files. A name that is far from all is left
 * alone: plugins and newer versions bring their own. Pure.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/nginx.h"
#include "probes/config/spelling.h"

/* prosody's core, its documented modules, and what Jitsi's plugins add. */
static const char prosody_options[] =
    "admins admin_socket allow_empty_token allow_registration "
    "allow_unencrypted_plain_auth anonymous_login app_id app_secret "
    "archive_cleanup_interval archive_expires_after asap_accepted_audiences "
    "asap_accepted_issuers asap_key_server asap_require_room_claim "
    "authentication av_moderation_component bosh_max_inactivity "
    "bosh_max_polling bosh_max_wait bosh_ports breakout_rooms_component "
    "breakout_rooms_muc buffer_size_limit c2s_close_timeout "
    "c2s_direct_tls_interfaces c2s_direct_tls_ports c2s_interfaces c2s_ports "
    "c2s_require_encryption c2s_ssl c2s_stanza_size_limit "
    "c2s_tcp_keepalives c2s_timeout certificate certificates "
    "component_admins_as_room_owners component_interfaces component_ports "
    "component_secret conference_max_minutes consider_bosh_secure "
    "consider_websocket_secure contact_info cross_domain_bosh "
    "cross_domain_websocket daemonize data_path default_archive_policy "
    "default_storage disable_sasl_mechanisms disallow_s2s disco_hidden "
    "disco_items enable_domain_verification end_conference_component "
    "external_addresses external_service_host external_service_port "
    "external_service_secret external_service_ttl external_services gc "
    "groups_file http_cors_override http_default_cors_enabled "
    "http_default_host http_external_url http_file_share_size_limit "
    "http_files_dir http_host http_interfaces http_max_buffer_size "
    "http_max_content_size http_path http_paths http_ports https_certificate "
    "https_interfaces https_ports https_ssl installer_plugin_path interfaces "
    "key legacy_ssl_interfaces legacy_ssl_ports limits limits_resolution "
    "lobby_muc local_interfaces log main_muc max_archive_query_results "
    "max_history_messages modules_disabled modules_enabled motd_text "
    "muc_component muc_filter_whitelist muc_lobby_whitelist "
    "muc_mapper_domain muc_mapper_domain_base muc_mapper_domain_prefix "
    "muc_max_occupants muc_password_whitelist muc_room_allow_persistent "
    "muc_room_cache_size muc_room_default_history_length "
    "muc_room_default_language muc_room_default_members_only "
    "muc_room_default_moderated muc_room_default_persistent "
    "muc_room_default_presence_broadcast muc_room_default_public "
    "muc_room_default_public_jids muc_room_lock_timeout muc_room_locking "
    "muc_tombstone_expiry muc_tombstones name network_backend "
    "network_settings pidfile plugin_paths plugin_server polls_component "
    "prosody_group prosody_user rate_limit_cache_size recorder_prefixes "
    "registration_whitelist require_encryption restrict_room_creation "
    "room_metadata_component run_as_root s2s_close_timeout "
    "s2s_direct_tls_ports s2s_insecure_domains s2s_interfaces s2s_ports "
    "s2s_require_encryption s2s_secure_auth s2s_secure_domains "
    "s2s_stanza_size_limit s2s_tcp_keepalives s2s_timeout "
    "s2s_whitelist "
    "smacks_hibernation_time smacks_max_ack_delay "
    "smacks_max_hibernated_sessions smacks_max_old_sessions "
    "smacks_max_queue_size smacks_max_unacked_stanzas "
    "speakerstats_component sql sql_manage_tables ssl statistics "
    "statistics_config statistics_interval storage target_address "
    "tls_profile trusted_proxies turn_external_host turn_external_port "
    "turn_external_secret turn_external_tcp turn_external_tls_port "
    "turn_external_ttl turncredentials turncredentials_port "
    "turncredentials_host turncredentials_secret umask unlimited_jids "
    "use_ipv4 use_ipv6 use_libevent user_default_role visitors_component "
    "websocket_frame_buffer_limit websocket_get_response_body "
    "welcome_message";

static const char prosody_ssl[] =
    "key certificate cafile capath protocol ciphers ciphersuites dhparam "
    "curve curveslist options verify verifyext depth password mode alpn "
    "dane";

static const char prosody_modules[] =
    "adhoc admin_adhoc admin_shell admin_socket admin_telnet admin_web "
    "admin_web2 "
    "announce authz_internal av_moderation av_moderation_component batch "
    "blocklist bookmarks bosh c2s carbons client_certs client_proxy "
    "cloud_notify component conference_duration "
    "conference_duration_component conversejs cron csi csi_battery_saver "
    "csi_simple debug_traceback default_bookmarks dialback disco "
    "end_conference external_services features_identity filter_chatstates "
    "filter_iq_jibri filter_iq_rayo firewall fmuc groups http http_altconnect "
    "http_errors http_file_share http_files http_health http_openmetrics "
    "http_upload http_upload_external invite invites invites_adhoc "
    "invites_register jibri_autostart jibri_queue_component jibri_session "
    "jiconop jitsi_permissions jitsi_session lastactivity legacyauth limits "
    "list_active muc_ratelimit stanzadebug tos "
    "limits_exception list_inactive lobby_deny log_auth log_ringbuffer mam "
    "measure_client_presence measure_cpu measure_memory "
    "measure_message_count measure_stanza_counts message mimicking motd muc "
    "muc_access_control muc_allowners muc_auth_ban muc_batched_probe "
    "muc_breakout_rooms muc_call muc_census muc_cleanup_backend_services "
    "muc_domain_mapper muc_end_meeting muc_filter_access muc_flip "
    "muc_gateway_optimize muc_hide_all muc_jigasi_invite muc_kick_jigasi "
    "muc_limit_messages muc_lobby_rooms muc_log muc_log_http muc_mam "
    "muc_max_occupants muc_meeting_id muc_occupant_id muc_password_check "
    "muc_password_preset muc_password_whitelist muc_poltergeist "
    "muc_rate_limit muc_rector muc_restrict_rooms muc_size muc_status "
    "muc_transcription_filter muc_unique muc_webhooks net_multiplex offline "
    "pep pep_simple persistent_lobby ping polls polls_component "
    "poltergeist_component posix presence presence_identity private "
    "prometheus proxy65 pubsub rate_limit register register_ibr "
    "register_limits reload_modules reservations room_metadata "
    "room_metadata_component roster roster_command s2s s2s_auth_certs "
    "s2s_auth_dane_in s2s_bidi s2s_whitelist s2sout_override "
    "s2soutinjection saslauth secure_interfaces server_contact_info "
    "server_info short_lived_token smacks smacks_offline speakerstats "
    "speakerstats_component stanza_debug statistics statistics_auth "
    "storage_memory system_chat_message throttle_presence time tls "
    "token_affiliation token_verification tokenauth tombstones "
    "turn_external turncredentials turncredentials_http unknown uptime "
    "user_account_management vcard vcard4 vcard_legacy vcard_muc version "
    "visitors visitors_component watchregistrations websocket welcome";

static const char prosody_auth[] =
    "anonymous internal_hashed internal_plain internal cyrus ldap ldap2 "
    "insecure token jitsi-anonymous jitsi-shared-secret shared_secret http "
    "http_async external oauthbearer pam wordpress sql joomla dovecot "
    "custom_http imap any ccert phpbb3";

static const char containers[] =
    "PUBLIC_URL HTTP_PORT HTTPS_PORT TZ CONFIG JVB_ADVERTISE_IPS JVB_PORT "
    "JVB_AUTH_PASSWORD JVB_AUTH_USER JVB_BREWERY_MUC JVB_STUN_SERVERS "
    "JVB_DISABLE_STUN JVB_COLIBRI_PORT JVB_TCP_PORT JVB_TCP_HARVESTER_DISABLED "
    "JVB_WS_DOMAIN JVB_WS_SERVER_ID JVB_ADVERTISE_PRIVATE_CANDIDATES "
    "JICOFO_AUTH_PASSWORD JICOFO_AUTH_USER JICOFO_COMPONENT_SECRET "
    "JICOFO_REST_PORT JICOFO_ENABLE_HEALTH_CHECKS JIGASI_XMPP_PASSWORD "
    "JIGASI_XMPP_USER JIBRI_RECORDER_PASSWORD JIBRI_RECORDER_USER "
    "JIBRI_XMPP_PASSWORD JIBRI_XMPP_USER ENABLE_AUTH ENABLE_GUESTS AUTH_TYPE "
    "ENABLE_XMPP_WEBSOCKET ENABLE_COLIBRI_WEBSOCKET ENABLE_LETSENCRYPT "
    "LETSENCRYPT_DOMAIN LETSENCRYPT_EMAIL LETSENCRYPT_USE_STAGING "
    "ENABLE_HTTP_REDIRECT ENABLE_LOBBY ENABLE_RECORDING ENABLE_HSTS "
    "ENABLE_S2S "
    "ENABLE_BREAKOUT_ROOMS ENABLE_AV_MODERATION ENABLE_SCTP ENABLE_OCTO "
    "DISABLE_HTTPS XMPP_DOMAIN XMPP_SERVER XMPP_PORT XMPP_BOSH_URL_BASE "
    "XMPP_AUTH_DOMAIN XMPP_MUC_DOMAIN XMPP_INTERNAL_MUC_DOMAIN "
    "XMPP_GUEST_DOMAIN XMPP_RECORDER_DOMAIN XMPP_HIDDEN_DOMAIN "
    "XMPP_CROSS_DOMAIN XMPP_MODULES XMPP_MUC_MODULES DOCKER_HOST_ADDRESS "
    "TURN_HOST TURN_PORT TURN_CREDENTIALS TURN_USERNAME TURN_PASSWORD "
    "TURN_TRANSPORT TURNS_HOST TURNS_PORT STUN_HOST STUN_PORT "
    "RESTART_POLICY JITSI_IMAGE_VERSION JWT_APP_ID JWT_APP_SECRET";

static const char turn_keys[] =
    "listening-port tls-listening-port alt-listening-port "
    "alt-tls-listening-port listening-ip listening-device relay-ip "
    "relay-device relay-threads external-ip min-port max-port verbose "
    "Verbose fingerprint lt-cred-mech no-auth use-auth-secret "
    "static-auth-secret auth-secret server-name server-relay user userdb "
    "psql-userdb mysql-userdb mongo-userdb redis-userdb redis-statsdb db "
    "realm user-quota total-quota max-bps bps-capacity no-udp no-tcp no-tls "
    "no-dtls no-udp-relay no-tcp-relay stale-nonce max-allocate-lifetime "
    "max-allocate-timeout channel-lifetime permission-lifetime cert pkey "
    "pkey-pwd cipher-list CA-file ec-curve-name dh566 dh1066 dh2066 dh-file "
    "no-stdout-log log-file syslog simple-log new-log-timestamp "
    "no-multicast-peers no-loopback-peers allow-loopback-peers "
    "allowed-peer-ip denied-peer-ip pidfile secure-stun mobility "
    "keep-address-family allocation-default-address-family no-cli cli-ip "
    "cli-port cli-password cli-max-output-sessions proc-user proc-group "
    "no-sslv2 no-sslv3 no-tlsv1 no-tlsv1_1 no-tlsv1_2 rest-api-separator "
    "no-software-attribute check-origin-consistency prometheus "
    "prometheus-port tcp-proxy-port acme-redirect web-admin web-admin-ip "
    "web-admin-port ne no-rfc5780 no-stun-backward-compatibility "
    "response-origin-only-with-rfc5780 oauth no-stun udp-self-balance "
    "aux-server alternate-server tls-alternate-server "
    "secret-key-file cluster-id";

/* Names of a kind of file. A key counts without its start; `least` bytes is
 * the shortest that is looked at. */
static const struct vocabulary {
	const char *kind, *words;
	size_t least;
} vocabularies[] = {
	{ "jicofo.in.sh", "JICOFO_CONF JICOFO_LOG_CONFIG JICOFO_TRUSTSTORE "
	    "JICOFO_TRUSTSTORE_PASSWORD JICOFO_MAXMEM JICOFO_DHKEYSIZE "
	    "JICOFO_GC_TYPE JICOFO_HOST JICOFO_HOSTNAME JICOFO_PORT "
	    "JICOFO_SECRET JICOFO_OPTS JICOFO_AUTH_USER JICOFO_AUTH_DOMAIN "
	    "JICOFO_AUTH_PASSWORD JICOFO_MAX_MEMORY JICOFO_LOG "
	    "JAVA_SYS_PROPS", 8 },
	{ "jvb.in.sh", "JVB_CONF JVB_LOG_CONFIG JVB_TRUSTSTORE "
	    "JVB_TRUSTSTORE_PASSWORD JVB_MAXMEM JVB_DHKEYSIZE JVB_GC_TYPE "
	    "JVB_SC_HOME_LOCATION JVB_SC_HOME_NAME JVB_HOST JVB_HOSTNAME "
	    "JVB_PORT JVB_SECRET JVB_OPTS VIDEOBRIDGE_MAX_MEMORY "
	    "VIDEOBRIDGE_GC_TYPE VIDEOBRIDGE_DEBUG_OPTIONS JVB_LOG "
	    "JAVA_SYS_PROPS", 8 },
	{ ".env", containers, 8 },
	{ "turnserver.conf", turn_keys, 4 },
	{ "resolv.conf", "nameserver domain search lookup sortlist options "
	    "family", 5 },
	{ "rc.conf.local", "jicofo_flags jvb_flags prosody_flags nginx_flags "
	    "turnserver_flags vmd_flags amd_flags pkg_scripts jicofo_user "
	    "jicofo_timeout jvb_user jvb_timeout jicofo_rtable jvb_rtable",
	    7 },
	{ "syslog.conf", "jicofo jvb prosody nginx", 3 },
	{ "sysctl.conf", "net.inet.ip.forwarding net.inet6.ip6.forwarding "
	    "net.ipv4.ip_forward net.inet.ip.mforwarding "
	    "net.inet6.ip6.mforwarding", 15 },
	{ "logging.properties", "handlers handler.level", 7 },
	{ "hosts", "localhost localhost4 localhost6", 8 },
};

/* _ and - alike, capitals alike. */
static void
fold(char *s)
{
	for (; *s != '\0'; s++)
		*s = *s == '-' ? '_' : *s >= 'A' && *s <= 'Z' ? *s + 32 : *s;
}

/* Two letters exchanged, nothing else. */
static int
exchanged(const char *a, const char *b)
{
	size_t i, n = strlen(a);

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		;
	return (strlen(b) == n && i + 1 < n && a[i] == b[i + 1] &&
	    a[i + 1] == b[i] && strcmp(a + i + 2, b + i + 2) == 0);
}

int
spelling_near(struct str name, struct str word)
{
	char *a = mem_str(name), *b = mem_str(word);
	size_t n, d;
	int yes;

	fold(a);
	fold(b);
	n = strlen(a);
	d = str_distance(str_from(a), str_from(b), 2);
	yes = d == 0 || (d == 1 && n > 2) || (d == 2 && n > 9) ||
	    exchanged(a, b);
	free(a);
	free(b);
	return (yes);
}

struct str
spelling_meant(const char *words, struct str name)
{
	struct str rest = str_from(words), word, found = str_of("", 0);

	while ((word = str_word(&rest)).n > 0) {
		if (str_eq(word, name))
			return (str_of("", 0));
		if (found.n == 0 && spelling_near(name, word))
			found = word;
	}
	return (found);
}

/* Says it; 1 when there was something to say. */
static int
check(struct model *m, const struct item *it, const char *id,
    const char *words, struct str name, const char *what)
{
	struct str meant = spelling_meant(words, name);

	if (meant.n == 0)
		return (0);
	model_problem(m, id, it->source, it->line, it->column, "%.*s is no "
	    "%s that is known: meant is %.*s", STR_ARG(name), what,
	    STR_ARG(meant));
	model_fix(m, it->end_column, "%.*s", STR_ARG(meant));
	return (1);
}

static void
check_prosody(struct model *m, const struct item *it)
{
	struct str key = str_from(it->key), value = item_str(it), host, name;

	if (it->parent == -1 && it->type == ITEM_TABLE) {
		if (str_starts(value, "component ") && !str_eqs(
		    spelling_meant(prosody_modules, str_sub(value, 10,
		    value.n)), "muc"))
			check(m, it, "module-file-missing", prosody_modules,
			    str_sub(value, 10, value.n), "module");
		return;
	}
	host = str_split(&key, '/');
	name = str_split(&key, '/');
	if (host.n == 0 || name.n == 0)
		return;
	if (key.n == 0) {
		/* "c2s_interface", as before 0.9, is taken too */
		if (!str_ends(name, "interface"))
			check(m, it, "config-key-misspelt", prosody_options,
			    name, "option");
		if (str_eqs(name, "authentication") && it->type == ITEM_TEXT)
			check(m, it, "auth-module-missing", prosody_auth,
			    value, "way to log in");
	} else if (str_eqs(name, "modules_enabled") &&
	    it->type == ITEM_TEXT) {
		if (!str_starts(value, "mod_"))
			check(m, it, "module-file-missing", prosody_modules,
			    value, "module");
	} else if (str_eqs(name, "ssl") && str_chr(key, '/') == SIZE_MAX) {
		check(m, it, "config-key-misspelt", prosody_ssl, key,
		    "option of ssl");
	}
}

/* Keys of config.js without which nobody joins. */
static void
check_js(struct model *m, const struct item *it)
{
	struct str key = str_from(it->key), hosts = key;

	if (str_starts(key, "hosts."))
		check(m, it, "config-key-misspelt", "domain anonymousdomain "
		    "authdomain focus muc visitorFocus bridge callcontrol "
		    "call_control",
		    str_sub(hosts, 6, hosts.n), "key of hosts");
	else if (str_chr(key, '.') == SIZE_MAX &&
	    str_chr(key, '/') == SIZE_MAX && key.n > 3)
		check(m, it, "config-key-misspelt", "hosts bosh websocket "
		    "bridgeChannel", key, "key");
}

/* Statements of a domain: their words, the last of the key. */
static void
check_acme(struct model *m, const struct item *it)
{
	struct str key = str_from(it->key), meant;
	char *name, *p;

	if (!str_starts(key, "domain/") || it->type == ITEM_TABLE)
		return;
	name = mem_str(str_sub(key, str_rchr(key, '/') + 1, key.n));
	for (p = name; *p != '\0'; p++)
		if (*p == ' ')
			*p = '_';
	meant = spelling_meant("domain_key domain_certificate domain_name "
	    "domain_chain_certificate domain_full_chain_certificate "
	    "alternative_names alternative sign_with challengedir profile",
	    str_from(name));
	if (meant.n > 0)
		model_problem(m, "config-key-misspelt", it->source, it->line,
		    1, "%s is no statement: meant is %.*s", name,
		    STR_ARG(meant));
	free(name);
}

/* Keys of docker-compose.yml: of the file, and of one service. */
static void
check_compose(struct model *m, const struct item *it)
{
	struct str key = str_from(it->key), first = str_split(&key, '.');

	if (str_chr(str_from(it->key), '/') != SIZE_MAX)
		return;
	if (key.n == 0) {
		check(m, it, "config-key-misspelt", "services networks "
		    "volumes version name configs secrets", first, "key");
		return;
	}
	(void)str_split(&key, '.');
	if (str_eqs(first, "services") && key.n > 0 &&
	    str_chr(key, '.') == SIZE_MAX)
		check(m, it, "config-key-misspelt", "image restart ports "
		    "volumes environment depends_on networks expose build "
		    "command container_name labels logging healthcheck "
		    "env_file extends entrypoint deploy network_mode "
		    "hostname links devices cap_add extra_hosts ulimits",
		    key, "key of a service");
}

/* Names of headers, and the variables that fill them. */
static void
check_nginx(struct model *m, const struct item *it)
{
	if (strcmp(it->key, "proxy_set_header") != 0)
		return;
	check(m, it, "config-key-misspelt", "Host Upgrade Connection "
	    "X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Real-IP",
	    nginx_arg(it, 0), "header");
	if (str_starts(nginx_arg(it, 1), "$http_"))
		check(m, it, "config-key-misspelt", "$http_host "
		    "$http_upgrade $http_connection $http_origin",
		    nginx_arg(it, 1), "variable");
}

/* Classes that java.util.logging loads. */
static void
check_handlers(struct model *m, const struct item *it)
{
	struct str rest = item_str(it), w;

	while ((w = str_trim(str_split(&rest, ','))).n > 0)
		check(m, it, "config-key-misspelt",
		    "java.util.logging.ConsoleHandler "
		    "java.util.logging.FileHandler "
		    "java.util.logging.SocketHandler "
		    "com.agafua.syslog.SyslogHandler", w, "class");
}

/* Names of the packages' services in pkg_scripts. */
static void
check_services(struct model *m, const struct item *it)
{
	struct str rest = item_str(it), w;

	while ((w = str_word(&rest)).n > 0)
		check(m, it, "config-key-misspelt", "jicofo jvb prosody nginx "
		    "turnserver unbound messagebus", w, "service");
}

void
spelling_check(struct str kind, struct model *m)
{
	const struct vocabulary *v = NULL;
	struct item it;
	size_t i, n = m->count;

	for (i = 0; i < sizeof(vocabularies) / sizeof(vocabularies[0]); i++)
		if (str_eqs(kind, vocabularies[i].kind))
			v = &vocabularies[i];
	for (i = 0; i < n; i++) {
		it = m->list[i];
		if (str_eqs(kind, "prosody.cfg.lua"))
			check_prosody(m, &it);
		else if (str_eqs(kind, "config.js"))
			check_js(m, &it);
		else if (v != NULL && strlen(it.key) >= v->least)
			check(m, &it, "config-key-misspelt", v->words,
			    str_from(it.key), "name");
		if (str_eqs(kind, "nginx.conf"))
			check_nginx(m, &it);
		else if (str_eqs(kind, "acme-client.conf"))
			check_acme(m, &it);
		else if (str_eqs(kind, "docker-compose.yml"))
			check_compose(m, &it);
		else if (str_eqs(kind, "logging.properties") &&
		    strcmp(it.key, "handlers") == 0)
			check_handlers(m, &it);
		if (strcmp(it.key, "pkg_scripts") == 0)
			check_services(m, &it);
	}
}
