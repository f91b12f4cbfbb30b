# SPDX-License-Identifier: ISC
# Fills meetprobe-pitfalls.7.in from the catalogue: the first file is the
# page, the others are .pit files. Entries stand in the order of their ids.
# Text in double quotes may continue on lines that begin with one.

function roff(s) {
	gsub(/\\/, "\\e", s)
	gsub(/^[.']/, "\\\\\\&&", s)
	return s
}

# The first quoted text of a line.
function quoted(s,   at, out, c) {
	at = index(s, "\"")
	if (at == 0)
		return ""
	out = ""
	for (at++; at <= length(s); at++) {
		c = substr(s, at, 1)
		if (c == "\"")
			break
		if (c == "\\" && at < length(s))
			c = substr(s, ++at, 1)
		out = out c
	}
	return out
}

# What stands after the word `key` in a line.
function after(s, key,   at) {
	at = index(s, " " key " ")
	return at == 0 ? "" : substr(s, at + length(key) + 2)
}

FNR == 1 { file++ }
file == 1 { page[++pages] = $0; next }

# Inside a test everything is sample text until its closing brace.
intest {
	if (heredoc != "") {
		line = $0
		sub(/^[ \t]+/, "", line)
		if (line == heredoc)
			heredoc = ""
	} else if (match($0, /<<[A-Z]+/)) {
		heredoc = substr($0, RSTART + 2, RLENGTH - 2)
	} else if ($1 == "}") {
		intest = 0
	}
	next
}
/^#/ { next }
/^cause / { kind = "cause"; id = $2; order[++causes] = id; next }
/^signal / { kind = "signal"; id = $2; signals[++signalcount] = id; next }
/^[a-z]/ { kind = ""; next }
$1 == "test" && kind != "" { if ($NF == "{") intest = 1; next }
kind == "signal" && $1 == "title" { stitle[id] = quoted($0); next }
kind == "signal" && $1 == "from" {
	$1 = ""
	sfrom[id] = substr($0, 2)
	next
}
kind != "cause" { next }
{ joined = $0 }
# A line that ends with a backslash goes on in the next one.
/\\$/ {
	while (joined ~ /\\$/ && (getline more) > 0) {
		sub(/\\$/, "", joined)
		sub(/^[ \t]+/, " ", more)
		joined = joined more
	}
	$0 = joined
}
$1 == "title" { title[id] = quoted($0) }
$1 == "kind" { ckind[id] = $2 }
$1 == "severity" { severity[id] = $2 }
$1 == "component" { component[id] = $2 }
$1 == "say" { say[id] = quoted($0) }
$1 == "fix" {
	n = ++fixes[id]
	fixos[id, n] = $2
	fixtext[id, n] = quoted($0)
	rest = after($0, "cmd")
	if (rest != "")
		fixcmd[id, n] = quoted(rest)
	rest = after($0, "interrupts")
	sub(/[ \t].*/, "", rest)
	fixints[id, n] = rest
}
$1 == "prove" { prove[id] = $2 }
$1 == "ref" { ref[id] = ref[id] (ref[id] == "" ? "" : "; ") quoted($0) }

# Sorts list[1..n] in place.
function sort(list, n,   i, k, v) {
	for (i = 2; i <= n; i++) {
		v = list[i]
		for (k = i - 1; k > 0 && list[k] > v; k--)
			list[k + 1] = list[k]
		list[k + 1] = v
	}
}

function write_cause(id,   n, note) {
	print ".It Ic " id
	note = severity[id] (ckind[id] == "" ? "" : ", " ckind[id]) \
	    (component[id] == "" ? "" : ", " component[id])
	if (title[id] != "")
		print roff(toupper(substr(title[id], 1, 1)) \
		    substr(title[id], 2)) "."
	print "(" note ")"
	for (n = 1; n <= fixes[id]; n++) {
		print ".Pp"
		printf "%s", roff(toupper(substr(fixtext[id, n], 1, 1)) \
		    substr(fixtext[id, n], 2))
		printf "%s", fixos[id, n] == "any" ? "" : \
		    " (" fixos[id, n] ")"
		print fixints[id, n] == "calls" ? "; this ends all calls:" : \
		    fixints[id, n] == "joins" ? \
		    "; nobody can join meanwhile:" : ":"
		if (fixcmd[id, n] != "") {
			print ".Bd -literal -offset indent"
			print roff(fixcmd[id, n])
			print ".Ed"
		}
	}
	if (prove[id] != "") {
		print ".Pp"
		print "Proved by"
		print ".Ql meetprobe probe " prove[id] " ."
	}
	if (ref[id] != "") {
		print ".Pp"
		print "See " roff(ref[id]) "."
	}
}

END {
	sort(order, causes)
	sort(signals, signalcount)
	for (i = 1; i <= pages; i++) {
		if (page[i] ~ /@CAUSES@/ && causes > 0) {
			print ".Bl -tag -width Ds"
			for (k = 1; k <= causes; k++)
				write_cause(order[k])
			print ".El"
		} else if (page[i] ~ /@SIGNALS@/ && signalcount > 0) {
			print ".Bl -tag -width Ds"
			for (k = 1; k <= signalcount; k++) {
				print ".It Ic " signals[k]
				print roff(stitle[signals[k]]) \
				    " (" sfrom[signals[k]] ")"
			}
			print ".El"
		} else {
			print page[i]
		}
	}
}
