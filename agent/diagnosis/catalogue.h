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
 *   since V / until V           versions of the component that print it
 *   sample "..."                a message (without head) that must match
 *
 *   Each alternative needs a literal of 6 bytes or more outside of holes.
 *   Holes every record has: {session} {host} {time} {level} {logger}
 *   {file} {line} {component}.
 *
 * pattern ID                    what several records say, by their own time
 *   title "..."
 *   A then B [then C ...] [within 5s] [by KEY]
 *   A with B [within 5s] [by KEY]              in either order
 *   A not followed by B within 5s [by KEY]     only where the log of B's
 *   A not preceded by B within 5s [by KEY]     component covers that window
 *   A without B [by KEY]                       B nowhere in its log
 *   A before B                                 the first A before the first B
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
 *   leads-to ID [always|often|sometimes]
 *   say "... {hole} ..."        sentence; {hole|text} when it may be missing
 *                               holes: of the evidence's signals, in order;
 *                               {fact.name}, the holes of every record
 *   fix openbsd|linux|container|any "text" [cmd "..."]
 *       [interrupts nothing|joins|calls]       several; one line each
 *                               in cmd only holes of type host ip port num
 *                               jid path
 *   clear on ID [or ID ...] | clear after T    T: 30s 5m 2h 1d
 *   prove PROBE
 *   ref "..."                   several
 *   since V / until V
 *
 * EVIDENCE, [present] or absent at its end, `or` between alternatives:
 *   ID                          a signal or pattern
 *   fact NAME OP VALUE          OP: = != < > <= >=; NAME of facts.def;
 *                               NAME@SUBJECT for one subject
 *   probe ID[@SUBJECT] [STATE] [REASON]   STATE pass warn fail (default) ...
 *   finding ID                  of the configuration readers
 *   verdict ID                  of the media analysis
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
 *   expect any ID / expect not ID     in the list / not in it
 *   expect none                 no cause of severity down or degraded
 *   expect signal ID / expect no ID   a signal or pattern present / not
 * }
 * Every cause has a test that expects it (first or any) and one that does
 * not (none, not, or another one first).
 */

enum item_type {
	ITEM_SIGNAL,	/* a signal or pattern; index into signals/patterns */
	ITEM_PATTERN,
	ITEM_FACT,
	ITEM_PROBE,
	ITEM_FINDING,
	ITEM_VERDICT,
	ITEM_ANY,	/* one of several items */
	ITEM_TYPES
};

#endif
