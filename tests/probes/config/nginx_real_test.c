/* SPDX-License-Identifier: ISC */
/*
 * Our reading of nginx.conf against a real nginx: which files it refuses and
 * in which line, which server and location it picks. Would catch: any rule
 * of the choice understood wrongly. Runs nginx on loopback; skips without.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/mem.h"
#include "probes/config/model.h"
#include "probes/config/nginx.h"
#include "probes/config/reader.h"
#include "tests/kit/check.h"

#define NGINX "/usr/sbin/nginx"

static const char *const refused[] = {
	"server { listen 80\n server_name a; }",
	"server { listen 80;\n",
	"server { listen 80; } }",
	"server { lissten 80; }",
	"server { server_name \"a; }",
	"server { ; }",
	"server { root /x\n index a; }",
	"server { location / { root /x }\n }",
	"server { location ~ ^/a { proxy_pass http://127.0.0.1:1/; } }",
	"server { location ~ ^/a { proxy_pass http://unix:/run/a.sock:/; } }",
	"server { location @a { proxy_pass http://127.0.0.1:1/b; } }",
	"server { location / { proxy_pass 127.0.0.1:1; } }",
	"server { location / { proxy_read_timeout forever; } }",
	"server { location / { proxy_set_header Host; } }",
	"server { location / { ssi yes; } }",
	"server { location ~ ^/(a { root /x; } }",
	"server { location /a { root /x; } location /a { root /y; } }",
};

static const char *const taken[] = {
	"server { listen 80; server_name a; }",
	"server { # a comment ; {\n listen 80; }",
	"server { server_name 'a b'; return 200 \"x;}{\"; }",
	"server { listen 80; location ~ ^/([^/]+)$ { root /x; } }",
	"server { listen 80; if ($scheme != \"https\") { return 301 "
	    "https://$host$request_uri; } }",
	"map $http_upgrade $c { default upgrade; '' close; }",
	"server { set $a ${host}x; listen 80; }",
	"log_format x '$remote_addr '\n '\"$request\"';",
	"upstream u { server 127.0.0.1:1; } server { location / { "
	    "proxy_pass http://u; } }",
	"server { server_name \"\"; }",
	"server { server_name a \"\" .b; location =/a { root /x; } "
	    "location ~^/b { root /x; } location ^~/c { root /x; } }",
	"server { location ~ ^/a { proxy_pass http://unix:/run/a.sock; } }",
	"server { location ~ ^/a { proxy_pass http://unix:/run/a.sock:; } }",
	"server { location /a/ { proxy_pass http://unix:/run/a.sock:/b/; } }",
	"server { location ~ ^/a { proxy_pass HTTP://127.0.0.1:1; } }",
	"server { location ~ ^/a(.*) { proxy_pass http://127.0.0.1:1/x$1; } }",
	"server { location @a { proxy_pass http://127.0.0.1:1; } }",
	"server { location / { if ($args) { proxy_pass http://127.0.0.1:1; } "
	    "} }",
	"server { location / { set $u 127.0.0.1; proxy_pass http://$u:1/a; } "
	    "location /b { proxy_pass $scheme://127.0.0.1:1; } }",
	"server { location / { proxy_set_header X \"\"; "
	    "proxy_read_timeout 1h30m; proxy_send_timeout 900ms; } }",
	"server { location = /a { root /x; } location /a { root /y; } }",
	"map $uri $r { default 0; /a 1; } server { location / { limit_except "
	    "GET { deny all; } } }",
};

/* Servers with sets of locations; %d becomes the location's number. */
static const char *const sites[] = {
	"location = /a { R } location /a { R } location /a/b { R } "
	    "location ~ ^/a/ { R } location / { R }",
	"location ^~ /a { R } location ~ ^/a/ { R } location /a/b { R } "
	    "location / { R }",
	"location ~ b$ { R } location ~* B$ { R } location ~ ^/a { R } "
	    "location /a { R } location / { R }",
	"location ~ ^/([a-zA-Z0-9=\\?]+)$ { R } location /a/ { R } "
	    "location = /http-bind { R } location / { R }",
	"location /a { location /a/b { R } location ~ b$ { R } R } "
	    "location ~ ^/a/b { R } location / { R }",
	"location /a { R } location ^~ /a/b { R } location ~ ^/a/b/c { R } "
	    "location / { R }",
	"location = / { R } location / { R } location ~ \\.js$ { R } "
	    "location /libs/ { R }",
};
#define SITES (sizeof(sites) / sizeof(sites[0]))

/* Servers by their names; some names of a request. */
static const char *const names[] = { "a.test", "*.a.test", "*.b.a.test",
	".c.test", "d.*", "d.test", "~^e[0-9]+\\.test$", "~e",
	"\"~^(?<sub>[a-z]+)\\.f\\.test$\"", "G.test", "www.*" };
#define NAMES (sizeof(names) / sizeof(names[0]))
static const char *const hosts[] = { "a.test", "A.Test", "x.a.test",
	"x.b.a.test", "b.a.test", "c.test", "x.y.c.test", "d.org", "d.test",
	"d.x.y", "e1.test", "e1.testx", "ee", "sub.f.test", "1.f.test",
	"g.test", "www.a.test", "www.q", "nobody", "xc.test" };

static const char *const paths[] = { "/", "/a", "/a/", "/ab", "/a/b",
	"/a/b/", "/a/b/c", "/A/B", "/b", "/x/b", "/http-bind", "/http-bind/",
	"/Room", "/room=1", "/x.js", "/libs/x.js", "/libs/x.css", "/a.js",
	"/a/b/c/d", "/libs" };

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		fatal("cannot write %s", path);
	fputs(text, f);
	fclose(f);
}

/* Starts nginx; its messages go to a file. */
static pid_t
start(const char *dir, const char *flag)
{
	char *conf = mem_printf("%s/nginx.conf", dir),
	    *err = mem_printf("%s/stderr", dir);
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		fd = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDERR_FILENO);
		dup2(fd, STDOUT_FILENO);
		execl(NGINX, "nginx", "-p", dir, "-c", conf, flag,
		    (char *)NULL);
		_exit(127);
	}
	free(conf);
	free(err);
	return (pid);
}

static void
check_file(const char *dir, const char *text, int want)
{
	char *path = mem_printf("%s/nginx.conf", dir),
	    *err = mem_printf("%s/stderr", dir), *whole, *said;
	struct config_source one;
	struct config_sources s = { &one, 1, { NULL, 0 } };
	struct model m;
	int status = 0, theirs, line = 0;
	const char *colon;

	whole = mem_printf("pid %s/pid; error_log stderr;\nevents {}\nhttp {\n"
	    "access_log off;\n%s\n}\n", dir, text);
	write_file(path, whole);
	waitpid(start(dir, "-t"), &status, 0);
	theirs = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	said = check_read(err, NULL);
	colon = said == NULL ? NULL : strstr(said, "nginx.conf:");
	if (colon != NULL)
		line = (int)strtol(colon + 11, NULL, 10);
	one = (struct config_source){ str_from(path), STR_LIT("nginx.conf"),
	    str_from(whole) };
	model_init(&m);
	read_nginx(&s, &m);
	CHECK_INT(theirs, want, "nginx itself %s %s (%s)", want ? "takes" :
	    "refuses", text, said == NULL ? "" : said);
	CHECK_INT(m.problem_count == 0, theirs, "and so do we (%s)",
	    m.problem_count == 0 ? "" : m.problems[0].message);
	if (!theirs && m.problem_count > 0 && line > 0)
		CHECK(m.problems[0].line <= line, "in the line nginx names "
		    "(%d) or before it, where the mistake is (%d)", line,
		    m.problems[0].line);
	model_free(&m);
	free(said);
	free(whole);
	free(err);
	free(path);
}

/* The whole configuration: R of a site becomes `return 200 NUMBER`. */
static char *
configuration(const char *dir, int port)
{
	struct buf b;
	const char *p;
	size_t i;
	int n = 0;

	buf_init(&b, 1 << 16);
	buf_addf(&b, "daemon off; master_process off; pid %s/pid;\n"
	    "error_log stderr;\nevents {}\nhttp {\naccess_log off;\n", dir);
	for (i = 0; i < SITES; i++) {
		buf_addf(&b, "server { listen 127.0.0.1:%d; server_name "
		    "s%zu *.w%zu;\n", port, i, i);
		for (p = sites[i]; *p != '\0'; p++)
			if (*p == 'R' && p[1] == ' ')
				buf_addf(&b, "return 200 n%d;", n++);
			else
				buf_addc(&b, *p);
		buf_adds(&b, "\n}\n");
	}
	for (i = 0; i < NAMES; i++)
		buf_addf(&b, "server { listen 127.0.0.1:%d; server_name %s; "
		    "location / { return 200 name%zu; } }\n", port, names[i],
		    i);
	buf_addf(&b, "server { listen 127.0.0.1:%d default_server; "
	    "location / { return 200 default; } }\n", port);
	buf_adds(&b, "}\n");
	return (buf_take(&b));
}

/* What nginx answers: the text of its return; "" when it does not. */
static void
ask(int port, const char *host, const char *path, char *out, size_t len)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	char answer[4096], *request, *body;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;
	size_t got = 0;

	out[0] = '\0';
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	request = mem_printf("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path,
	    host);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    write(fd, request, strlen(request)) > 0) {
		while (got < sizeof(answer) - 1 && (n = read(fd, answer + got,
		    sizeof(answer) - 1 - got)) > 0)
			got += (size_t)n;
		answer[got] = '\0';
		body = strstr(answer, "\r\n\r\n");
		snprintf(out, len, "%s", body == NULL ? "" :
		    strstr(answer, " 200 ") == NULL ? "other" : body + 4);
	}
	close(fd);
	free(request);
}

static void
compare(const struct model *m, int port, const char *host, const char *path)
{
	const struct item *server, *location, *it = NULL;
	char theirs[128], *ours;

	ask(port, host, path, theirs, sizeof(theirs));
	server = nginx_server(m, str_from(host), port);
	location = server == NULL ? NULL : nginx_location(m, server,
	    str_from(path));
	if (location != NULL)
		it = nginx_next(m, nginx_index(m, location), "return", NULL);
	ours = it == NULL ? mem_strdup("other") : mem_str(nginx_arg(it, 1));
	CHECK_STR(ours, theirs, "%s%s", host, path);
	free(ours);
}

static void
check_choice(const char *dir, int port)
{
	char *path = mem_printf("%s/nginx.conf", dir),
	    *text = configuration(dir, port), host[32], answer[128];
	struct config_source one = { str_from(path), STR_LIT("nginx.conf"),
	    str_from(text) };
	struct config_sources s = { &one, 1, { NULL, 0 } };
	struct model m;
	pid_t pid;
	size_t i, k;
	int tries;

	write_file(path, text);
	pid = start(dir, "-q");
	for (tries = 0; tries < 50; tries++) {
		ask(port, "s0", "/", answer, sizeof(answer));
		if (answer[0] != '\0')
			break;
		usleep(100000);
	}
	model_init(&m);
	read_nginx(&s, &m);
	if (answer[0] == '\0')
		check_skip("nginx does not answer on port %d", port);
	for (i = 0; answer[0] != '\0' && i < SITES; i++)
		for (k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
			snprintf(host, sizeof(host), k % 4 == 3 ? "x.w%zu" :
			    "s%zu", i);
			compare(&m, port, host, paths[k]);
		}
	for (i = 0; answer[0] != '\0' && i < sizeof(hosts) /
	    sizeof(hosts[0]); i++)
		compare(&m, port, hosts[i], "/");
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	model_free(&m);
	free(text);
	free(path);
}

int
main(void)
{
	char dir[] = "/tmp/meetprobe-nginx-XXXXXX", *command;
	size_t i;

	if (access(NGINX, X_OK) == -1 || mkdtemp(dir) == NULL) {
		check_skip("no nginx on this machine");
		return (check_end());
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		check_file(dir, refused[i], 0);
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		check_file(dir, taken[i], 1);
	check_choice(dir, 20000 + (int)(getpid() % 20000));
	for (i = 0; i < 3; i++) {
		command = mem_printf("%s/%s", dir, i == 0 ? "nginx.conf" :
		    i == 1 ? "stderr" : "pid");
		unlink(command);
		free(command);
	}
	rmdir(dir);
	return (check_end());
}
