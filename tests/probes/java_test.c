/* SPDX-License-Identifier: ISC */
/*
 * Which Java: would catch a version read out of a folder that is no JDK, a
 * link followed to the wrong home, the trust store of the command line
 * overlooked, and a package's version taken with its port's count.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "agent/facts/version.h"
#include "probes/java.h"
#include "probes/packages.h"
#include "tests/kit/check.h"

static const char *const paths[][2] = {
	{ "/usr/local/jdk-17", "17" },
	{ "/usr/local/jdk-11/bin/java", "11" },
	{ "/usr/local/jdk-1.8.0", "1.8.0" },
	{ "/usr/lib/jvm/java-11-openjdk-amd64", "11" },
	{ "/usr/lib/jvm/java-1.17.0-openjdk-amd64", "1.17.0" },
	{ "/usr/lib/jvm/temurin-25-jdk-amd64", "25" },
	{ "/opt/jdk8u292-b10", "8u292" },
	{ "/opt/jdk-17.0.15+6", "17.0.15" },
	{ "/opt/java/openjdk", "" },
	{ "/home/java-7/jdk-17/bin/java", "17" },
	{ "/usr/bin/java", "" },
	{ "", "" },
};

static void
test_text(void)
{
	struct str args = STR_LIT("/usr/local/jdk-17/bin/java -Xmx1G -Xmx3G "
	    "-Djavax.net.ssl.trustStore=/etc/ssl/jvb-key.store "
	    "-Djavax.net.ssl.trustStorePassword=pw -cp x.jar Main");
	struct java j;
	size_t i;
	char *got;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		got = mem_str(java_path_version(str_from(paths[i][0])));
		CHECK_STR(got, paths[i][1], "version in \"%s\"",
		    paths[i][0]);
		free(got);
	}
	CHECK(str_eqs(java_property(args, "javax.net.ssl.trustStore"),
	    "/etc/ssl/jvb-key.store"), "the store, not its password");
	CHECK(str_eqs(java_option(args, "-Xmx"), "3G"), "the last one counts");
	CHECK(java_property(args, "config.file").n == 0, "not there");
	memset(&j, 0, sizeof(j));
	java_read_release(&j, STR_LIT("IMPLEMENTOR=\"Eclipse Adoptium\"\n"
	    "JAVA_VERSION=\"1.8.0_292\"\nJAVA_VERSION_DATE=\"x\"\n"));
	CHECK_STR(j.version, "1.8.0_292", "version of a release file");
	CHECK_STR(j.vendor, "Eclipse Adoptium", "who made it");
	java_read_release(&j, STR_LIT("IMPLEMENTOR=\"a\033[2J\xff\xc3\xa9\"\n"));
	CHECK_STR(j.vendor, "a?[2J?\xc3\xa9", "nothing that a terminal "
	    "obeys, nothing that is no UTF-8");
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name), *p;
	FILE *f;

	for (p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		fatal("%s: cannot be written", path);
	free(path);
}

/* JDKs of a host, made by hand below a folder. */
static void
test_homes(const char *dir)
{
	char *home = mem_printf("%s/jdk-17", dir), *link = mem_printf(
	    "%s/bin/java", dir), *old = mem_printf("%s/jdk8u292-b10", dir),
	    *want;
	struct java j;

	write_file(dir, "jdk-17/bin/java", "");
	write_file(dir, "jdk-17/release", "JAVA_VERSION=\"17.0.9\"\n");
	write_file(dir, "jdk-17/lib/security/cacerts", "x");
	write_file(dir, "jdk8u292-b10/bin/java", "");
	write_file(dir, "jdk8u292-b10/jre/bin/java", "");
	write_file(dir, "jdk8u292-b10/jre/lib/security/cacerts", "x");
	write_file(dir, "bin/other", "");
	want = mem_printf("%s/jdk-17/bin/java", dir);
	CHECK(symlink(want, link) == 0, "a link");
	free(want);
	CHECK_INT(java_of_program(link, &j), 0, "the link is followed");
	CHECK_STR(j.home, home, "home");
	CHECK_STR(j.version, "17.0.9", "the release file tells");
	want = mem_printf("%s/lib/security/cacerts", home);
	CHECK_STR(j.store, want, "its own trust store");
	free(want);
	write_file(dir, "jdk-17/lib/security/jssecacerts", "x");
	CHECK(java_of_home(home, &j) == 0 && strstr(j.store, "jssecacerts") !=
	    NULL, "jssecacerts comes before cacerts");
	want = mem_printf("%s/jre/bin/java", old);
	CHECK_INT(java_of_program(want, &j), 0, "java of the JRE in a JDK 8");
	free(want);
	CHECK_STR(j.home, old, "its home is the JDK");
	CHECK_STR(j.version, "8u292", "no release file: the folder tells");
	CHECK(strstr(j.store, "/jre/lib/security/cacerts") != NULL,
	    "its store is that of the JRE");
	want = mem_printf("%s/bin/other", dir);
	CHECK_INT(java_of_program(want, &j), -1, "another program");
	free(want);
	CHECK_INT(java_of_home(dir, &j), 0, "a folder with bin/java");
	CHECK_INT(java_of_home("/nonexistent", &j), -1, "no folder");
	free(home);
	free(link);
	free(old);
}

/* As javaPathHelper: by what the package requires. */
static void
test_package(const char *dir)
{
	struct java j;

	write_file(dir, "usr/local/jdk-11/bin/java", "");
	write_file(dir, "usr/local/jdk-17/bin/java", "");
	write_file(dir, "usr/local/jdk-17/release",
	    "JAVA_VERSION=\"17.0.9\"\n");
	write_file(dir, "var/db/pkg/jitsi-videobridge-2.0.9646/+REQUIRING",
	    "javaPathHelper-1.7\njdk-11.0.20.8.1p0v0\njitsi-srtp-1.1\n");
	write_file(dir, "var/db/pkg/jicofo-2.0.11248/+REQUIRING",
	    "jdk-17.0.9.9.1v0\n");
	CHECK(java_of_package(dir, "jitsi-videobridge", &j) == 0 &&
	    strcmp(j.version, "11") == 0, "the bridge's package wants 11");
	CHECK(java_of_package(dir, "jicofo", &j) == 0 &&
	    strcmp(j.version, "17.0.9") == 0, "jicofo's wants 17");
	CHECK_INT(java_of_package(dir, "prosody", &j), -1,
	    "a package that is not there");
}

static const char *
known(const struct versions *v, enum product p)
{
	const struct version_known *k = versions_first(v, p);

	return (k == NULL ? "none" : k->text);
}

static void
test_packages(const char *dir)
{
	struct versions v;

	memset(&v, 0, sizeof(v));
	write_file(dir, "var/db/pkg/jicofo-2.0.9646p1/+CONTENTS", "");
	write_file(dir, "var/db/pkg/jitsi-videobridge-2.0.9646/+CONTENTS",
	    "");
	write_file(dir, "var/db/pkg/jitsi-meet-1.0.8140/+CONTENTS", "");
	write_file(dir, "var/db/pkg/jitsi-srtp-1.1pl20240606/+CONTENTS", "");
	write_file(dir, "var/db/pkg/prosody-0.12.4v0/+CONTENTS", "");
	packages_find(&v, dir);
	CHECK_STR(known(&v, PRODUCT_JICOFO), "2.0.9646", "jicofo");
	CHECK_STR(known(&v, PRODUCT_JVB), "2.0.9646", "jvb");
	CHECK_STR(known(&v, PRODUCT_WEB), "1.0.8140", "jitsi-meet");
	CHECK_STR(known(&v, PRODUCT_PROSODY), "0.12.4", "prosody");
	CHECK_STR(known(&v, PRODUCT_NGINX), "none", "no nginx");
	memset(&v, 0, sizeof(v));
	packages_dpkg(&v, STR_LIT("Package: jicofo\n"
	    "Status: install ok installed\nVersion: 1.0-1090-1\n\n"
	    "Package: jitsi-videobridge2\nStatus: deinstall ok config-files\n"
	    "Version: 2.3-105-ga6d99f8e-1\n\n"
	    "Package: nginx\nStatus: install ok installed\n"
	    "Version: 1:1.22.1-9\nDescription: x\n Version: 5\n"));
	CHECK_STR(known(&v, PRODUCT_JICOFO), "1.0-1090-1", "dpkg: jicofo");
	CHECK_STR(known(&v, PRODUCT_JVB), "none",
	    "dpkg: not what was removed");
	CHECK_STR(known(&v, PRODUCT_NGINX), "1.22.1-9",
	    "dpkg: without epoch, at the end of the file");
	memset(&v, 0, sizeof(v));
	packages_page(&v, STR_LIT("<script src=\"libs/lib-jitsi-meet.min.js"
	    "?v=6447\"></script>"));
	CHECK_STR(known(&v, PRODUCT_WEB), "1.0.6447", "the page tells");
	packages_arguments(&v, PRODUCT_JVB, STR_LIT("java -cp /opt/jvb/"
	    "jitsi-videobridge-2.3-105-ga6d99f8e.jar:/opt/lib/* Main"));
	CHECK_STR(known(&v, PRODUCT_JVB), "2.3-105-ga6d99f8e", "the jar");
	packages_arguments(&v, PRODUCT_JICOFO, STR_LIT("java -cp /usr/share/"
	    "java/classes/jicofo.jar Main"));
	CHECK_STR(known(&v, PRODUCT_JICOFO), "none", "a jar without it");
}

/* A database larger than what is read at once: no package is lost where two
 * pieces meet. */
static void
test_large_database(const char *dir)
{
	static const char *const last[] = { "nginx", "prosody", "jicofo" };
	struct versions v;
	struct buf b;
	char *root;
	int i, k = 0;

	buf_init(&b, 4 << 20);
	for (i = 0; i < 30000; i++) {
		buf_addf(&b, "Package: %s\nStatus: install ok installed\n"
		    "Version: 1.%d-1\n\n", i % 10000 == 9999 ? last[k++] :
		    "filler", i);
		if (i % 100 == 0)
			buf_addf(&b, "Package: x\nDescription: %0500d\n\n", i);
	}
	write_file(dir, "large/var/lib/dpkg/status", buf_cstr(&b));
	buf_free(&b);
	memset(&v, 0, sizeof(v));
	root = mem_printf("%s/large", dir);
	packages_find(&v, root);
	free(root);
	CHECK_STR(known(&v, PRODUCT_NGINX), "1.9999-1", "the first third");
	CHECK_STR(known(&v, PRODUCT_PROSODY), "1.19999-1", "the second");
	CHECK_STR(known(&v, PRODUCT_JICOFO), "1.29999-1", "the very end");
}

int
main(void)
{
	char template[] = "/tmp/meetprobe-java-7XXXXXX", *dir, *command;

	test_text();
	dir = mkdtemp(template);
	if (dir == NULL)
		fatal("no folder for the test");
	test_homes(dir);
	test_packages(dir);
	test_large_database(dir);
	test_package(dir);
	command = mem_printf("%s", dir);
	if (fork() == 0) {
		execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
		_exit(1);
	}
	free(command);
	return (check_end());
}
