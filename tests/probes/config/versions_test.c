/* SPDX-License-Identifier: ISC */
/*
 * Rules that hang on versions: would catch a key told as ignored by a version
 * that reads it, one not told that the version found ignores, a Java taken
 * for new enough, an option refused that this Java takes, images of two
 * releases, and any of it when nothing is known of versions.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/finding.h"
#include "probes/config/config.h"
#include "probes/config/jitsi_keys.h"
#include "tests/kit/check.h"

/* Files and versions, and the finding that must (or must not) come. */
struct trial {
	const char *what;
	const char *kind, *text, *kind2, *text2;
	enum product product;
	const char *version;		/* NULL: not known */
	const char *since;		/* a bound from a log, or NULL */
	const char *id, *says;		/* says NULL: must not come */
};

static const char jicofo_old[] =
    "jicofo { rest { tls-port = 8843 } }\n";
static const char jvb_domains[] =
    "videobridge { websockets { enabled = true, domains = [\"a:443\"] } }\n";
static const char jvb_tcp[] =
    "videobridge { ice { tcp { enabled = true, port = 443 } } }\n";
static const char compose[] =
    "services:\n"
    "    web:\n        image: jitsi/web:${JITSI_IMAGE_VERSION:-stable-9646}\n"
    "    jicofo:\n        image: jitsi/jicofo:stable-7648-4\n"
    "    jvb:\n        image: jitsi/jvb:${JITSI_IMAGE_VERSION:-stable-9646}\n";

static const char bosh_site[] =
    "VirtualHost \"a.example\"\n authentication = \"anonymous\"\n"
    " modules_enabled = { \"bosh\" }\n";
static const char bosh_proxy[] =
    "http { server { listen 443 ssl; server_name a.example;\n"
    " location = /http-bind { proxy_pass http://xmpp:5280/http-bind;\n"
    "  proxy_set_header Host nobody; } } }\n";

static const struct trial trials[] = {
	/* keys */
	{ "a key that is gone, nothing known", "jicofo.conf", jicofo_old,
	    NULL, NULL, PRODUCT_JICOFO, NULL, NULL, "config-key-obsolete",
	    "ignored by versions since 2024-10" },
	{ "a key that this version ignores", "jicofo.conf", jicofo_old, NULL,
	    NULL, PRODUCT_JICOFO, "2.0.10532", NULL, "config-key-obsolete",
	    "and so by jicofo 2.0.10532" },
	{ "a key that this version still reads", "jicofo.conf", jicofo_old,
	    NULL, NULL, PRODUCT_JICOFO, "2.0.7648", NULL,
	    "config-key-obsolete", NULL },
	{ "in doubt it is told", "jicofo.conf", jicofo_old, NULL, NULL,
	    PRODUCT_JICOFO, "1.1.SNAPSHOT", NULL, "config-key-obsolete",
	    "since 2024-10" },
	{ "a line of the log decides", "jicofo.conf", jicofo_old, NULL, NULL,
	    PRODUCT_JICOFO, "1.1.SNAPSHOT", "2024-11", "config-key-obsolete",
	    "and so by jicofo 1.1.SNAPSHOT" },
	{ "the bridge's version is not jicofo's", "jicofo.conf", jicofo_old,
	    NULL, NULL, PRODUCT_JVB, "2.0.7648", NULL, "config-key-obsolete",
	    "since 2024-10" },
	{ "a key that is off does not count", "jvb.conf",
	    "videobridge { ice { tcp { enabled = false } } }\n", NULL, NULL,
	    PRODUCT_JVB, "2.0.11248", NULL, "config-key-obsolete", NULL },
	{ "ICE over TCP of a bridge of 2026", "jvb.conf", jvb_tcp, NULL, NULL,
	    PRODUCT_JVB, "2.0.11248", NULL, "config-key-obsolete",
	    "and so by jvb 2.0.11248" },
	{ "a key newer than the bridge", "jvb.conf", jvb_domains, NULL, NULL,
	    PRODUCT_JVB, "2.2-22-g42bc1b99", NULL, "config-key-too-new",
	    "since 2023-02 only: jvb 2.2-22-g42bc1b99 ignores it" },
	{ "a key that the bridge reads", "jvb.conf", jvb_domains, NULL, NULL,
	    PRODUCT_JVB, "2.0.9646", NULL, "config-key-too-new", NULL },
	{ "nothing known: no key is too new", "jvb.conf", jvb_domains, NULL,
	    NULL, PRODUCT_JVB, NULL, NULL, "config-key-too-new", NULL },
	{ "the tag of the image decides", "jvb.conf", jvb_domains,
	    "docker-compose.yml", "services:\n  jvb:\n"
	    "    image: jitsi/jvb:stable-7648-4\n", PRODUCT_JVB, NULL, NULL,
	    "config-key-too-new", "jvb stable-7648-4 ignores it" },
	{ ".env decides", "jvb.conf", jvb_domains, ".env",
	    "JITSI_IMAGE_VERSION=stable-7648-4\n", PRODUCT_JVB, NULL, NULL,
	    "config-key-too-new", "jvb stable-7648-4 ignores it" },
	{ "a list of Debian's packages decides", "jvb.conf", jvb_domains,
	    "packages", "ii  jitsi-videobridge2 2.2-22-g42bc1b99-1 all x\n"
	    "rc  jicofo 1.0-911-1 all x\n", PRODUCT_JVB, NULL, NULL,
	    "config-key-too-new", "jvb 2.2-22-g42bc1b99-1 ignores it" },
	{ "what was removed does not", "jicofo.conf", jicofo_old,
	    "packages", "rc  jicofo 1.0-911-1 all x\n", PRODUCT_JVB, NULL,
	    NULL, "config-key-obsolete", "since 2024-10" },
	{ "pkg_info decides", "jicofo.conf", jicofo_old, "packages",
	    "javaPathHelper-1.7  helper script\njicofo-2.0.7648p1  "
	    "server-side focus component\n", PRODUCT_JVB, NULL, NULL,
	    "config-key-obsolete", NULL },
	{ "a tag that is no version", "jvb.conf", jvb_domains, ".env",
	    "JITSI_IMAGE_VERSION=unstable\n", PRODUCT_JVB, NULL, NULL,
	    "config-key-too-new", NULL },
	/* releases */
	{ "images of two releases", "docker-compose.yml", compose, NULL,
	    NULL, PRODUCT_JVB, NULL, NULL, "component-versions-differ",
	    "jvb is stable-9646, the others are stable-7648-4" },
	{ ".env makes them one", "docker-compose.yml", compose, ".env",
	    "JITSI_IMAGE_VERSION=stable-7648-4\n", PRODUCT_JVB, NULL, NULL,
	    "component-versions-differ", NULL },
	{ "other images do not count", "docker-compose.yml", "services:\n"
	    "  jicofo:\n    image: jitsi/jicofo:stable-9646\n"
	    "  jvb:\n    image: example/own-bridge:5\n", NULL, NULL,
	    PRODUCT_JVB, NULL, NULL, "component-versions-differ", NULL },
	{ "prosody of 2019 under jitsi-meet of 2024", "prosody.cfg.lua",
	    "VirtualHost \"a.example\"\n", ".env",
	    "JITSI_IMAGE_VERSION=stable-9646\n", PRODUCT_PROSODY, "0.10.2",
	    NULL, "prosody-too-old", "prosody is 0.10.2" },
	{ "prosody that is new enough", "prosody.cfg.lua",
	    "VirtualHost \"a.example\"\n", ".env",
	    "JITSI_IMAGE_VERSION=stable-9646\n", PRODUCT_PROSODY, "0.11.14",
	    NULL, "prosody-too-old", NULL },
	{ "jitsi-meet that takes it", "prosody.cfg.lua",
	    "VirtualHost \"a.example\"\n", ".env",
	    "JITSI_IMAGE_VERSION=stable-6726\n", PRODUCT_PROSODY, "0.10.2",
	    NULL, "prosody-too-old", NULL },
	{ "a Host header that prosody does not know", "prosody.cfg.lua",
	    bosh_site, "nginx.conf", bosh_proxy, PRODUCT_PROSODY, "0.12.3",
	    NULL, "http-host-unknown", "nobody" },
	{ "prosody 0.11 does not look at it", "prosody.cfg.lua", bosh_site,
	    "nginx.conf", bosh_proxy, PRODUCT_PROSODY, "0.11.14", NULL,
	    "http-host-unknown", NULL },
	{ "cross_domain_bosh, prosody not known", "prosody.cfg.lua",
	    "cross_domain_bosh = true\nVirtualHost \"a.example\"\n", NULL,
	    NULL, PRODUCT_PROSODY, NULL, NULL, "obsolete-option",
	    "cross_domain_bosh" },
	{ "prosody 0.12 has no such option", "prosody.cfg.lua",
	    "cross_domain_bosh = true\nVirtualHost \"a.example\"\n", NULL,
	    NULL, PRODUCT_PROSODY, "0.12.3", NULL, "obsolete-option",
	    "cross_domain_bosh" },
	{ "prosody 0.11 needs it", "prosody.cfg.lua",
	    "cross_domain_bosh = true\nVirtualHost \"a.example\"\n", NULL,
	    NULL, PRODUCT_PROSODY, "0.11.14", NULL, "obsolete-option",
	    NULL },
	{ "prosody 0.11 has others that are obsolete", "prosody.cfg.lua",
	    "anonymous_login = true\nVirtualHost \"a.example\"\n", NULL,
	    NULL, PRODUCT_PROSODY, "0.11.14", NULL, "obsolete-option",
	    "anonymous_login" },
	/* Java */
	{ "JAVA_HOME of Java 11 under jicofo of 2026", "jicofo.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-11\n", NULL, NULL, PRODUCT_JICOFO,
	    "2.0.11248", NULL, "jdk-too-old",
	    "jicofo 2.0.11248 needs Java 17, this is 11" },
	{ "the same under jicofo of 2024", "jicofo.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-11\n", NULL, NULL, PRODUCT_JICOFO,
	    "2.0.9646", NULL, "jdk-too-old", NULL },
	{ "Java 8 under jicofo of 2024", "jicofo.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-1.8.0\n", NULL, NULL,
	    PRODUCT_JICOFO, "2.0.9646", NULL, "jdk-too-old", "needs Java 11" },
	{ "Java 17 is enough", "jicofo.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-17\n", NULL, NULL, PRODUCT_JICOFO,
	    "2.0.11248", NULL, "jdk-too-old", NULL },
	{ "jicofo's version not known", "jicofo.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-11\n", NULL, NULL, PRODUCT_JICOFO,
	    NULL, NULL, "jdk-too-old", NULL },
	{ "a unit names the Java", "jitsi-videobridge2.service",
	    "[Service]\nEnvironment=\"PATH=/usr/lib/jvm/"
	    "java-11-openjdk-amd64/bin:/usr/bin\" X=1\n", NULL, NULL,
	    PRODUCT_JVB,
	    "2.0.11248", NULL, "jdk-too-old", "jvb 2.0.11248 needs Java 17" },
	{ "JAVACMD names the program", "jicofo.in.sh",
	    "export JAVACMD=/usr/local/jdk-11/bin/java\n", NULL, NULL,
	    PRODUCT_JICOFO, "2.0.11248", NULL, "jdk-too-old", "this is 11" },
	{ "JAVA_HOME that is not exported", "jicofo.in.sh",
	    "JAVA_HOME=/usr/local/jdk-11\n", NULL, NULL, PRODUCT_JICOFO,
	    "2.0.11248", NULL, "java-home-ignored", "is not exported" },
	{ "does not decide on the Java", "jicofo.in.sh",
	    "JAVA_HOME=/usr/local/jdk-11\n", NULL, NULL, PRODUCT_JICOFO,
	    "2.0.11248", NULL, "jdk-too-old", NULL },
	{ "exported in a line of its own", "jicofo.in.sh",
	    "JAVA_HOME=/usr/local/jdk-11\nexport JAVA_HOME\n", NULL, NULL,
	    PRODUCT_JICOFO, NULL, NULL, "java-home-ignored", NULL },
	{ "JAVA_HOME in a unit of Debian", "jicofo.service",
	    "[Service]\nEnvironment=JAVA_HOME=/opt/jdk-11\nExecStart="
	    "/usr/share/jicofo/jicofo.sh\n", NULL, NULL, PRODUCT_JICOFO,
	    NULL, NULL, "java-home-ignored", "runs the java of PATH" },
	{ "a unit that uses it", "jicofo.service",
	    "[Service]\nEnvironment=JAVA_HOME=/opt/jdk-11\nExecStart="
	    "${JAVA_HOME}/bin/java -jar x.jar\n", NULL, NULL,
	    PRODUCT_JICOFO, NULL, NULL, "java-home-ignored", NULL },
	{ "the JDK's own file says it", "release",
	    "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"11.0.20\"\n",
	    "jvb.conf", jvb_tcp, PRODUCT_JVB, "2.0.11248", NULL,
	    "jdk-too-old", "this is 11.0.20" },
	{ "a log says it", "jvb.conf", jvb_tcp, NULL, NULL, PRODUCT_JAVA,
	    "11", NULL, "jdk-too-old", NULL },
	{ "an option that Java 11 takes", "jvb.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-11\nJVB_GC_TYPE=ConcMarkSweepGC\n",
	    NULL, NULL, PRODUCT_JVB, NULL, NULL, "jvm-option-not-supported",
	    NULL },
	{ "an option that Java 17 does not", "jvb.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-17\nJVB_GC_TYPE=ConcMarkSweepGC\n",
	    NULL, NULL, PRODUCT_JVB, NULL, NULL, "jvm-option-not-supported",
	    "Java 17 does not start with it" },
	{ "biased locking under Java 17", "jvb.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-17\n"
	    "JAVA_SYS_PROPS=\"-XX:+UseBiasedLocking\"\n", NULL, NULL,
	    PRODUCT_JVB, NULL, NULL, "jvm-option-not-supported", NULL },
	{ "biased locking under Java 25", "jvb.in.sh",
	    "export JAVA_HOME=/usr/local/jdk-25\n"
	    "JAVA_SYS_PROPS=\"-XX:+UseBiasedLocking\"\n", NULL, NULL,
	    PRODUCT_JVB, NULL, NULL, "jvm-option-not-supported",
	    "Java 25 does not start with it" },
	{ "containers have a Java of their own", "release",
	    "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.20\"\n", ".env",
	    "JITSI_IMAGE_VERSION=stable-11248\n", PRODUCT_JVB, NULL, NULL,
	    "jdk-too-old", NULL },
	/* which JDK's store */
	{ "imported into another JDK's store", "jicofo.service",
	    "[Service]\nEnvironment=PATH=/opt/jdk-11/bin:/usr/bin\n",
	    "commands", "keytool -import -file a.crt -keystore "
	    "/usr/lib/jvm/java-17-openjdk-amd64/lib/security/cacerts "
	    "-storepass changeit\n", PRODUCT_JICOFO, NULL, NULL,
	    "truststore-of-other-java", "jicofo runs the Java of /opt/jdk-11" },
	{ "imported into the system's store", "jicofo.service",
	    "[Service]\nEnvironment=PATH=/opt/jdk-11/bin:/usr/bin\n",
	    "commands", "keytool -import -keystore "
	    "/etc/ssl/certs/java/cacerts\n", PRODUCT_JICOFO, NULL, NULL,
	    "truststore-of-other-java", "/etc/ssl/certs/java/cacerts" },
	{ "which Debian's own JDK reads", "jicofo.service", "[Service]\n"
	    "Environment=PATH=/usr/lib/jvm/java-17-openjdk-amd64/bin\n",
	    "commands", "keytool -import -keystore "
	    "/etc/ssl/certs/java/cacerts\n", PRODUCT_JICOFO, NULL, NULL,
	    "truststore-of-other-java", NULL },
	{ "imported into the right one too", "jicofo.service",
	    "[Service]\nEnvironment=PATH=/opt/jdk-11/bin:/usr/bin\n",
	    "commands", "keytool -import -keystore "
	    "/etc/ssl/certs/java/cacerts\nkeytool -import -keystore "
	    "/opt/jdk-11/lib/security/cacerts\n", PRODUCT_JICOFO, NULL,
	    NULL, "truststore-of-other-java", NULL },
	{ "a store of the service's own", "jicofo.service",
	    "[Service]\nEnvironment=PATH=/opt/jdk-11/bin:/usr/bin\n",
	    "commands", "keytool -import -keystore /etc/ssl/jicofo.store\n",
	    PRODUCT_JICOFO, NULL, NULL, "truststore-of-other-java", NULL },
	{ "which Java is not known", "jicofo.in.sh", "JICOFO_MAXMEM=1G\n",
	    "commands", "keytool -import -keystore "
	    "/opt/jdk-11/lib/security/cacerts\n", PRODUCT_JICOFO, NULL,
	    NULL, "truststore-of-other-java", NULL },
	/* memory */
	{ "a heap as large as its class of login.conf", "jvb.in.sh",
	    "JVB_MAXMEM=3G\n", "login.conf", "daemon:\\\n\t:ignorenologin:\\\n"
	    "\t:datasize=2048M:\\\n\t:tc=default:\n", PRODUCT_JVB, NULL, NULL,
	    "java-heap-larger-than-memory", "class of login.conf may have" },
	{ "a class of its own", "jvb.in.sh", "JVB_MAXMEM=3G\n", "login.conf",
	    "daemon:datasize=2048M:\njvb:\\\n\t:datasize=4096M:tc=daemon:\n",
	    PRODUCT_JVB, NULL, NULL, "java-heap-larger-than-memory", NULL },
	{ "Debian's name of the heap", "jicofo.in.sh",
	    "JICOFO_MAX_MEMORY=64m\n", NULL, NULL, PRODUCT_JICOFO, NULL,
	    NULL, "java-heap-too-small", "64m of heap" },
};
#define TRIALS (sizeof(trials) / sizeof(trials[0]))

static void
add(struct config_set *set, const char *kind, const char *text)
{
	if (kind != NULL)
		config_add_text(set, kind, NULL, kind, str_from(text), -1);
}

static void
try(const struct trial *t)
{
	struct config_set *set = config_set_new();
	const struct finding *found = NULL;
	struct findings f;
	size_t i;

	set->in_process = 1;
	add(set, t->kind, t->text);
	add(set, t->kind2, t->text2);
	if (t->version != NULL)
		versions_add(&set->known, t->product, str_from(t->version),
		    "test");
	if (t->since != NULL)
		versions_since(&set->known, t->product, str_from(t->since));
	config_read(set);
	findings_init(&f);
	config_lint(set, (wall_t){ INT64_C(1795348800) * US_PER_SEC }, &f,
	    NULL);
	for (i = 0; i < f.count && found == NULL; i++)
		if (strcmp(f.list[i].id, t->id) == 0)
			found = &f.list[i];
	if (t->says == NULL)
		CHECK(found == NULL, "%s: says \"%s\"", t->what,
		    found == NULL ? "" : found->message);
	else
		CHECK(found != NULL && strstr(found->message, t->says) !=
		    NULL, "%s: \"%s\"", t->what, found == NULL ? "nothing" :
		    found->message);
	findings_free(&f);
	config_set_free(set);
}

/* Two programs of different releases, by whatever said so. */
static void
test_pair(enum product p, const char *first, enum product q,
    const char *second, int want)
{
	struct config_set *set = config_set_new();
	struct findings f;
	size_t i, n = 0;

	versions_add(&set->known, p, str_from(first), "a");
	versions_add(&set->known, q, str_from(second), "b");
	config_read(set);
	findings_init(&f);
	config_lint(set, WALL_NONE, &f, NULL);
	for (i = 0; i < f.count; i++)
		n += strcmp(f.list[i].id, "component-versions-differ") == 0;
	CHECK_INT(n, want, "%s %s with %s %s", product_name(p), first,
	    product_name(q), second);
	findings_free(&f);
	config_set_free(set);
}

/* The log of an update: one of the bridge's versions goes with jicofo's. */
static void
test_update(void)
{
	struct config_set *set = config_set_new();
	struct findings f;
	size_t i, n = 0;

	versions_add(&set->known, PRODUCT_JICOFO, STR_LIT("2.0.9646"), "a");
	versions_add(&set->known, PRODUCT_JVB, STR_LIT("2.0.7648"), "b");
	versions_add(&set->known, PRODUCT_JVB, STR_LIT("2.0.9646"), "b");
	config_read(set);
	findings_init(&f);
	config_lint(set, WALL_NONE, &f, NULL);
	for (i = 0; i < f.count; i++)
		n += strcmp(f.list[i].id, "component-versions-differ") == 0;
	CHECK_INT(n, 0, "before and after an update");
	findings_free(&f);
	config_set_free(set);
}

static void
test_lives(void)
{
	int since, until;

	CHECK(!jitsi_key_life(PRODUCT_JVB, "videobridge.ice.udp.port", &since,
	    &until), "a key of all versions");
	CHECK(jitsi_key_life(PRODUCT_JVB, "videobridge.sctp.use-usrsctp",
	    &since, &until) && since == 2405 && until == 2503,
	    "a key that came and went");
	CHECK(jitsi_key_life(PRODUCT_JICOFO,
	    "jicofo.visitors.max-participants", &since, &until) &&
	    since == 2209, "a key of a block that came later");
	CHECK(!jitsi_key_life(PRODUCT_JICOFO, "jicofo.weather", &since,
	    &until), "no key at all");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < TRIALS; i++)
		try(&trials[i]);
	test_pair(PRODUCT_JICOFO, "2.0.7648", PRODUCT_JVB, "2.0.9646", 1);
	test_pair(PRODUCT_JICOFO, "2.0.9646", PRODUCT_JVB, "2.0.9646", 0);
	test_pair(PRODUCT_JICOFO, "1.0-911",
	    PRODUCT_JVB, "2.2-22-g42bc1b99", 0);
	test_pair(PRODUCT_JICOFO, "1.0-911", PRODUCT_JVB, "2.0.9646", 1);
	test_pair(PRODUCT_JICOFO, "1.0-911", PRODUCT_JVB, "2.3.SNAPSHOT", 0);
	test_pair(PRODUCT_JICOFO, "1.1.SNAPSHOT",
	    PRODUCT_JVB, "2.3.SNAPSHOT", 0);
	test_pair(PRODUCT_WEB, "1.0.8043-1", PRODUCT_PLUGINS, "1.0.6447-1",
	    1);
	test_pair(PRODUCT_WEB, "1.0.8043-1", PRODUCT_PLUGINS, "1.0.8043-1",
	    0);
	test_pair(PRODUCT_WEB, "1.0.8140", PRODUCT_PLUGINS, "2.0.9646", 0);
	test_pair(PRODUCT_WEB, "1.0.6447", PRODUCT_PLUGINS, "2.0.9646", 1);
	test_update();
	test_lives();
	return (check_end());
}
