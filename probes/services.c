/* SPDX-License-Identifier: ISC */
/*
 * Which process is whose, and which virtual machine runs. Pure.
 */
#include <string.h>

#include "probes/services.h"

static const struct {
	const char *service;
	const char *name;	/* of the process, or NULL */
	const char *argument;	/* a part of the arguments */
} programs[ROLE_COUNT] = {
	[ROLE_WEB] = { "nginx", "nginx", NULL },
	[ROLE_XMPP] = { "prosody", NULL, "prosody" },
	[ROLE_JICOFO] = { "jicofo", "java", "jicofo" },
	[ROLE_JVB] = { "jvb", "java", NULL },
};

const char *
service_of(enum role role)
{
	return (programs[role].service);
}

int
service_is(enum role role, const struct process *p)
{
	const char *name = programs[role].name;
	const char *argument = programs[role].argument;

	if (programs[role].service == NULL)
		return (0);
	if (name != NULL && strcmp(p->name, name) != 0)
		return (0);
	if (role == ROLE_JVB)
		return (strstr(p->arguments, "videobridge") != NULL ||
		    strstr(p->arguments, "jvb") != NULL);
	if (role == ROLE_XMPP)
		return (strcmp(p->name, "prosody") == 0 ||
		    (strncmp(p->name, "lua", 3) == 0 &&
		    strstr(p->arguments, argument) != NULL));
	return (argument == NULL || strstr(p->arguments, argument) != NULL);
}

/* A word without the quotes around it. */
static struct str
unquoted(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (str_sub(s, 1, s.n - 1));
	return (s);
}

static void
set_name(struct vm *vm, struct str name)
{
	name = unquoted(name);
	if (name.n >= sizeof(vm->name))
		name.n = sizeof(vm->name) - 1;
	memset(vm, 0, sizeof(*vm));
	memcpy(vm->name, name.p, name.n);
}

size_t
vms_of_config(struct str text, struct vm *list, size_t max)
{
	struct str line, word;
	size_t n = 0;

	while (text.n > 0) {
		line = str_split(&text, '\n');
		line = str_trim(str_sub(line, 0, str_chr(line, '#')));
		word = str_word(&line);
		if (str_eqs(word, "disable") && n > 0)
			list[n - 1].disabled = 1;
		if (!str_eqs(word, "vm") || n == max)
			continue;
		set_name(&list[n], str_word(&line));
		/* vm "a" instance "b": b is made after the pattern of a */
		if (str_eqs(str_word(&line), "instance"))
			set_name(&list[n], str_word(&line));
		n++;
	}
	return (n);
}

/* The last word of a line, taken off its end. */
static struct str
last_word(struct str *line)
{
	struct str s = str_trim(*line);
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != ' ' && s.p[i - 1] != '\t')
		i--;
	*line = str_sub(s, 0, i);
	return (str_sub(s, i, s.n));
}

/*	ID PID VCPUS MAXMEM CURMEM TTY OWNER STATE NAME */
void
vms_mark(struct vm *list, size_t count, struct str output)
{
	struct str line, name, state;
	size_t i;

	while (output.n > 0) {
		line = str_split(&output, '\n');
		name = last_word(&line);
		state = last_word(&line);
		for (i = 0; i < count; i++)
			if (str_eqs(name, list[i].name)) {
				list[i].listed = 1;
				list[i].running = str_eqs(state, "running");
			}
	}
}
