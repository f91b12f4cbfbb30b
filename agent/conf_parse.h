/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONF_PARSE_H
#define MEETPROBE_AGENT_CONF_PARSE_H

struct conf;
struct lex;

/* Parses all statements; errors go to the lexer's list. */
void conf_parse_lines(struct conf *, struct lex *);

#endif
