/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_DIAGNOSIS_CATALOGUE_H
#define MEETPROBE_DIAGNOSIS_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/base/clock.h"
#include "agent/base/errlist.h"
#include "agent/base/map.h"
#include "agent/base/str.h"
#include "agent/facts/fact.h"
#include "agent/facts/kinds.h"
#include "agent/facts/record.h"

struct buf;
struct matcher;

/*
 * THE GRAMMAR OF A .pit FILE
 *
 * Lines; `#` begins a comment (not inside quotes). Words stand apart by
 * blanks. "..." is a string: \" is a quote, any other backslash stays as it
 * is. A block begins with `signal ID`, `pattern ID` or `cause ID` and ends
 * where the next begins. Ids are kebab-case ([a-z0-9-]+, from a letter), one
 * name space for all three. Order of blocks and files does not matter.
 *
 * signal ID                     what one log record says
 *   from C ...                  components (prosody jicofo jvb nginx-access
 *                               nginx-error coturn browser prosodyctl syslog
 *                               client), or any. Default: any
 *   title "..."                 what the line means, a clause
 *   text "... {name:type} ..."  anywhere in the message, or in one line of a
 *                               record's continuation (stack trace). A run of
 *                               blanks matches any run of blanks. Several
 *                               lines are alternatives. {{ is a brace. A hole
 *                               that is not wanted: {:type}
 *                               types: word num hex jid host ip port path
 *                               quoted (with its quotes) rest (up to the end
 *                               of the line). No hole reaches over a newline
 *   re "..."                    PCRE2, the same place; (?<name>...) captures
 *   and "..." / not "..."       as text, but anywhere in the same record:
 *                               must be there too / must not be there
 *   logger "..."                the record's module or class holds this
 *   level >= W | = W | <= W     debug info warn error
 *   key {hole}                  what `by session` compares. Default {session}
 *   class fault|lifecycle|noise default fault. Fault evidence that no cause
 *                               explains is printed; lifecycle and noise not
 *   since V / until V           the first, the last version of the component
 *                               that prints it: seeing it says as much of the
 *                               version, and where the version found is outside
 *                               it is unknown, not absent. One component in
 *                               `from`
 *   fact NAME = {hole}          what the record says, as a fact of its host
 *   fact NAME = VALUE
 *   sample "..."                a message (without head) that must match
 *
 *   Each alternative needs a literal of 6 bytes or more outside of holes.
 *   Holes every record has: {session} {host} {time} {level} {logger}
 *   {file} {line} {component}.
 *
 * pattern ID                    what several records say, by their own time
 *   title "..."
 *   A then B [then C ...] [without D] [within 5s] [by KEY]
 *                               without: no D of the same key from the first
 *                               to the last of them (a D without a key, of
 *                               any); D may be D|E
 *   A with B [within 5s] [by KEY]              in either order
 *   A not followed by B within 5s [by KEY]     only where the log of B's
 *   A not preceded by B within 5s [by KEY]     component covers that window
 *   A without B [by KEY]                       B nowhere in its log
 *   A before B                                 the first A before the first B
 *   A apart from B within 10s                  two hosts log the same thing
 *                               and their times differ by more than that, by
 *                               the same amount each time: a clock is off
 *   count A >= 5 within 60s [by KEY]
 *   class fault|lifecycle|noise                default fault
 *   clear on D [or E ...] | clear after 10m
 *   A, B are ids of signals or patterns; `A|B` is either of them.
 *   within may be left out of then/with (anywhere in the logs).
 *   KEY: session, host, component, file or a hole's name; NAME=NAME when
 *   the hole has another name in the second (address=peer).
 *
 * cause ID
 *   kind K                      of the closed set (report)
 *   title "..."
 *   severity down|degraded|risk|note
 *   prior common|uncommon|rare  default uncommon
 *   component W                 whose fault it is, a word for the report
 *   symptom                     never heads the list while a cause that is
 *                               none explains something
 *   always|often|sometimes EVIDENCE    95 %, 70 %, 30 % of the cases show it
 *   rules-out EVIDENCE          the cause is out when this holds
 *   needs EVIDENCE              the cause is out unless this is known to hold
 *                               A finding of the configuration readers with
 *                               the cause's own id is `often` evidence of it
 *                               without being named, and satisfies its needs
 *   leads-to ID [always|often|sometimes]
 *   say "... {hole} ..."        sentence; {hole|text} when it may be missing
 *                               holes: of the evidence's signals, in order;
 *                               {finding} and {finding_fix}: what a finding
 *                               says and what it would write instead;
 *                               {check}: what a probe found, {subject}: what
 *                               it tried;
 *                               {fact.name}, the holes of every record
 *   fix openbsd|linux|container|any "text" [cmd "..."]
 *       [interrupts nothing|joins|calls]       several; one line each
 *                               in cmd only holes of type host ip port num
 *                               jid path
 *   clear on ID [or ID ...] | clear after T    T: 30s 5m 2h 1d
 *   prove PROBE
 *   ref "..."                   several
 *   since [PROGRAM] V           the first, the last version of the program
 *   until [PROGRAM] V           (jicofo jvb jitsi-meet prosody-plugins prosody
 *                               nginx java; the cause's component when it is
 *                               not said) that
 *                               can have it: the cause is out when all versions
 *                               known are outside. V as facts/version.h reads
 *                               it: 0.12.3, 2.0.9646, 1.0-911, 2022-10; one
 *                               that is not known changes nothing
 *
 * EVIDENCE, [present] or absent at its end, `or` between alternatives:
 *   ID                          a signal or pattern
 *   fact NAME OP VALUE          OP: = != < > <= >=; NAME of facts.def;
 *                               NAME@SUBJECT for one subject
 *   probe ID[@SUBJECT] [STATE] [REASON]   STATE pass warn fail (default) ...
 *   finding ID                  of the configuration readers
 *   verdict ID                  of the media analysis
 *
 * A cause becomes a candidate only through present evidence that is a sign
 * of a fault: a signal or pattern of class fault, a probe, finding, verdict
 * or fact. Lifecycle and noise add to it or take from it, and gate (needs,
 * rules-out); so a pattern made of lifecycle signals that means a fault has
 * class fault. A cause of severity note is a candidate through any of its
 * always and often evidence: an orderly restart.
 *
 * A signal is absent (and not unknown) only when a log of its component was
 * read and covers more than a pasted fragment would.
 *
 * test "name" {                 in any block
 *   log C [@host] <<END         lines as logged, END alone on the last one;
 *   ...                         leading tabs are taken off
 *   END
 *   probe ID[@SUBJECT] STATE [REASON]
 *   fact NAME[@SUBJECT] = VALUE
 *   finding ID [hole=value ...]
 *   verdict ID
 *   unknown EVIDENCE            as if nobody had looked
 *   expect first ID[|ID ...]    the first cause is one of them
 *   expect any ID / expect not ID     in the list (or folded into one of
 *                               it as its consequence) / not in it
 *   expect none                 no cause of severity down or degraded
 *   expect signal ID / expect no ID   a signal or pattern present / not
 * }
 * Every cause has a test that expects it (first or any) and one that does
 * not (none, not, or another one first).
 */

/* Every text of a signal has a literal of at least so many bytes. */
#define SIGNAL_LITERAL 6

/* What a record says about the health of its component. */
enum signal_class { CLASS_FAULT, CLASS_LIFECYCLE, CLASS_NOISE };

/* How often a cause shows an item; the last two are no weights but gates. */
enum strength {
	STRENGTH_ALWAYS, STRENGTH_OFTEN, STRENGTH_SOMETIMES,
	STRENGTH_RULES_OUT, STRENGTH_NEEDS,
	STRENGTHS
};

enum prior { PRIOR_COMMON, PRIOR_UNCOMMON, PRIOR_RARE, PRIORS };

enum compare { OP_EQ, OP_NE, OP_LT, OP_GT, OP_LE, OP_GE, OP_COUNT };

enum hole_type {
	HOLE_WORD, HOLE_NUM, HOLE_HEX, HOLE_JID, HOLE_HOST, HOLE_IP,
	HOLE_PORT, HOLE_PATH, HOLE_QUOTED, HOLE_REST,
	HOLE_TYPES
};

enum pattern_op {
	PATTERN_THEN, PATTERN_WITH, PATTERN_NOT_FOLLOWED,
	PATTERN_NOT_PRECEDED, PATTERN_WITHOUT, PATTERN_BEFORE, PATTERN_COUNT,
	PATTERN_APART
};

/* Where something stands in a .pit file. */
struct pit_place {
	const char *file;
	int line, column;
};

/* One text, re, and, not line: as written and as the regex it becomes. */
struct pit_text {
	const char *written;
	const char *regex;	/* PCRE2, no options */
	const char *literal;	/* required, runs of blanks as one; or "" */
	struct pit_place at;
};

struct pit_texts {
	struct pit_text *list;
	size_t count, cap;
};

struct pit_strings {
	const char **list;
	size_t count, cap;
};

/* A hole of a text, with the type that says whether a command may use it. */
struct pit_hole {
	const char *name;
	enum hole_type type;
};

struct signal {
	const char *id, *title;
	struct pit_place at;
	int set;		/* of files: a later set replaces */
	unsigned from;		/* 1 << COMPONENT_x; 0: any */
	struct pit_texts texts, with, without;
	struct pit_hole *holes;
	size_t hole_count, hole_cap;
	const char *logger;	/* NULL: any */
	enum compare level_op;
	enum log_level level;	/* NONE: any */
	const char *key;	/* NULL: the record's session */
	enum signal_class class;
	const char *since, *until;
	int product;		/* whose versions these are, -1 */
	const char *fact;	/* NULL: states none */
	const char *fact_hole;	/* NULL: fact_value as it stands */
	const char *fact_value;
	struct pit_strings samples;
};

/* Alternatives: signals and patterns by number (catalogue_observable). */
struct pit_ref {
	const char *id;
	struct pit_place at;
	int index;
};

struct pit_refs {
	struct pit_ref *list;
	size_t count, cap;
};

#define PATTERN_STEPS 6
struct pattern {
	const char *id, *title;
	struct pit_place at;
	int set;
	enum pattern_op op;
	struct pit_refs steps[PATTERN_STEPS];
	size_t step_count;
	struct pit_refs except;	/* of THEN: none of these in between */
	int64_t within_us;	/* 0: anywhere */
	int64_t count;		/* of PATTERN_COUNT */
	const char *key, *key2;	/* NULL: none; key2 == key mostly */
	enum signal_class class;
	struct pit_refs clear;
	int64_t clear_after_us;
};

/*
 * One thing that can be seen, shared by all causes that name it. Signals and
 * patterns are one list of observables: signals first.
 */
enum item_type {
	ITEM_OBSERVABLE, ITEM_FACT, ITEM_PROBE, ITEM_FINDING, ITEM_VERDICT,
	ITEM_ANY,		/* one of several items */
	ITEM_TYPES
};

#define ITEM_PARTS 12
struct item {
	enum item_type type;
	const char *name;	/* "signal:x", "probe:xmpp.login fail" */
	struct pit_place at;	/* first mention */
	int negated;		/* holds when it is absent */
	const char *id;		/* of the signal, probe, finding, verdict */
	int observable;
	const struct fact_def *fact;
	enum compare op;
	const char *value;
	const char *subject;	/* of a fact or probe; NULL: any */
	unsigned states;	/* 1 << STATE_x of a probe */
	int reason;		/* REASON_x, -1: any */
	size_t parts[ITEM_PARTS];
	size_t part_count;
	size_t causes;		/* how many weigh it */
};

struct pit_link {
	enum strength strength;
	size_t item;
	struct pit_place at;
};

struct pit_lead {
	const char *id;
	enum strength strength;
	struct pit_place at;
	int cause;		/* index, -1 when there is none of that id */
};

struct pit_fix {
	const char *os, *text, *cmd;
	enum interrupts interrupts;
};

struct cause {
	const char *id, *title, *component, *say, *prove;
	struct pit_place at;
	int set;
	enum kind kind;
	enum severity severity;
	enum prior prior;
	int symptom;
	size_t own_finding;	/* item of this id's finding, or SIZE_MAX */
	struct pit_link *links;
	size_t link_count, link_cap;
	struct pit_lead *leads;
	size_t lead_count, lead_cap;
	struct pit_fix *fixes;
	size_t fix_count, fix_cap;
	struct pit_refs clear;
	int64_t clear_after_us;
	struct pit_strings refs;
	const char *since, *until;
	int product;		/* whose versions these are, -1 */
};

/* One line of a test. */
enum step_type {
	STEP_LOG, STEP_PROBE, STEP_FACT, STEP_FINDING, STEP_VERDICT,
	STEP_UNKNOWN, STEP_FIRST, STEP_ANY, STEP_NOT, STEP_NONE,
	STEP_SIGNAL, STEP_NO
};

struct pit_step {
	enum step_type type;
	struct pit_place at;
	enum component component;
	const char *host;	/* or subject; "" */
	const char *text;	/* log text, value, "hole=value" lines */
	const char *id;
	struct pit_strings ids;	/* of expect first */
	enum state state;
	int reason;
	size_t item;		/* of unknown */
};

struct pit_test {
	const char *name, *owner;
	struct pit_place at;
	int set;
	struct pit_step *steps;
	size_t step_count, step_cap;
};

/* What an id stands for. */
enum entry_type { ENTRY_SIGNAL, ENTRY_PATTERN, ENTRY_CAUSE };
struct pit_entry {
	enum entry_type type;
	size_t index;
};

struct catalogue {
	struct signal *signals;
	size_t signal_count, signal_cap;
	struct pattern *patterns;
	size_t pattern_count, pattern_cap;
	struct cause *causes;
	size_t cause_count, cause_cap;
	struct item *items;
	size_t item_count, item_cap;
	struct pit_test *tests;
	size_t test_count, test_cap;
	struct map ids;		/* -> struct pit_entry */
	struct map item_names;	/* -> index + 1 as pointer */
	char **strings;		/* owned text */
	size_t string_count, string_cap;
	struct matcher *matcher;	/* made by catalogue_load */
};

/*
 * What the programs know and a catalogue may name: 1 when the id exists. A
 * NULL function accepts every id.
 */
struct catalogue_names {
	int (*probe)(struct str id);
	int (*finding)(struct str id);
	int (*verdict)(struct str id);
};

/*
 * The built-in catalogue, and the *.pit files of dir when it is not NULL
 * (the same id replaces). Without `tests` those of the built-in one are
 * passed over: they are a third of it. What is wrong goes to the list; NULL
 * when anything is. Freed by catalogue_free.
 */
struct catalogue *catalogue_load(const char *dir,
    const struct catalogue_names *, int tests, struct errlist *);
/* A catalogue of one text alone (tests, fuzzing). */
struct catalogue *catalogue_parse(const char *file, struct str text,
    const struct catalogue_names *, struct errlist *);
void catalogue_free(struct catalogue *);

/* NULL when there is none of that id. */
const struct pit_entry *catalogue_find(const struct catalogue *, struct str);
const struct cause *catalogue_cause(const struct catalogue *, struct str);
/* Id, title and class of observable i (signals first, then patterns). */
const char *catalogue_observable_id(const struct catalogue *, int);
const char *catalogue_observable_title(const struct catalogue *, int);
enum signal_class catalogue_observable_class(const struct catalogue *, int);

/* Words of the format; -1 when it is none. */
int hole_type_by_name(struct str);
int log_level_by_name(struct str);
const char *log_level_name(enum log_level);
const char *signal_class_name(enum signal_class);
const char *strength_name(enum strength);

/*
 * The questions beyond loading: literals, tests that a cause lacks, cycles,
 * samples that do not match. Errors go to the list. Pairs of causes that no
 * item tells apart are printed to `pairs`, a line each; may be NULL.
 */
void catalogue_lint(const struct catalogue *, struct errlist *,
    struct buf *pairs);

/* The files built in. */
struct pit_file {
	const char *name;
	const char *text;
	size_t len;
};
extern const struct pit_file pit_files[];
extern const size_t pit_file_count;

#endif
