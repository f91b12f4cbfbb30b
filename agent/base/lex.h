/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_BASE_LEX_H
#define MEETPROBE_BASE_LEX_H

#include <stddef.h>

#include "agent/base/errlist.h"
#include "agent/base/map.h"
#include "agent/base/str.h"

/*
 * Tokens of a configuration file of the OpenBSD family: words, "strings",
 * { } , = and the end of a line; # comments; a backslash before the end of a
 * line joins it with the next; `name = value` at the start of a line defines
 * a macro and $name puts it in; `include "file"` goes on in that file.
 * Macros and include are handled here, the parser never sees them.
 */
enum token_kind { TOKEN_END, TOKEN_NEWLINE, TOKEN_WORD, TOKEN_STRING,
	TOKEN_PUNCT };

struct token {
	enum token_kind kind;
	struct str text;	/* valid until the lexer is freed */
	const char *file;
	int line, column;
};

struct lex_file;

/* How included files are read: the whole text (freed by the lexer) or NULL
 * with errno; so that pure code stays without I/O. */
typedef char *lex_reader(const char *path, size_t *len, void *arg);

struct lex {
	struct lex_file *top;	/* the file being read, below it its includer */
	struct lex_file *all;	/* every file ever opened: tokens live there */
	struct map macros;	/* name -> char * */
	struct errlist *errors;
	lex_reader *reader;
	void *arg;
	struct token ahead;
	int peeked;		/* `ahead` is the next token */
	int bol;		/* the next token is the first of its line */
	int depth;
};

/* Starts with the text of `file`; text must live as long as the lexer. */
void lex_init(struct lex *, const char *file, struct str text,
    lex_reader *, void *arg, struct errlist *);
void lex_free(struct lex *);
/* Defines a macro before reading starts (-D name=value); the file's own
 * definition of the name is then ignored. */
void lex_define(struct lex *, struct str name, struct str value);

struct token lex_next(struct lex *);
struct token lex_peek(struct lex *);
/* Takes the token if it is this punctuation character. */
int lex_accept(struct lex *, char punct);
/* Takes the token if it is this bare word. */
int lex_accept_word(struct lex *, const char *word);
/* Drops tokens up to and including the end of the line. */
void lex_skip_line(struct lex *);
/* Notes an error at a token; returns -1. */
int lex_error(struct lex *, const struct token *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
