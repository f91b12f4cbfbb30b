/* SPDX-License-Identifier: ISC */
/*
 * Every size and depth that something from outside could drive, in one
 * place, a sentence each. Sections follow the folders.
 */
#ifndef MEETPROBE_BASE_LIMITS_H
#define MEETPROBE_BASE_LIMITS_H

#include <stdint.h>

/* base */
/* No interval, deadline or age we accept is longer than 100 years. */
#define LIMIT_DURATION_NS (INT64_C(36525) * 86400 * 1000000000)
/* Words longer than this are never compared for spelling. */
#define LIMIT_DISTANCE_WORD 128
/* A list of messages about one set of files stops growing here. */
#define LIMIT_ERRORS 1000
/* One such message. */
#define LIMIT_ERROR_TEXT 4096
/* A whole configuration file of ours or of the site. */
#define LIMIT_CONFIG_FILE (4U << 20)
/* Files nested by include. */
#define LIMIT_INCLUDE_DEPTH 16
/* Macros of one set of files, and the text of one of them. */
#define LIMIT_MACROS 1024
#define LIMIT_MACRO_VALUE 4096

/* run */
/* One message between our processes; both kernels take this in one piece. */
#define LIMIT_MSG_BYTES 16384
/* A line of the agent's own log. */
#define LIMIT_LOG_LINE 2048
/* Helper children alive at once; more are refused. */
#define LIMIT_CHILDREN 32
/* What one helper child may answer in all. */
#define LIMIT_CHILD_ANSWER (16U << 20)
/* A body that an HTTP request of ours reads. */
#define LIMIT_HTTP_BODY (1U << 20)
/* Headers of one HTTP answer. */
#define LIMIT_HTTP_HEADERS (32U << 10)
/* Redirects followed before it counts as endless. */
#define LIMIT_HTTP_REDIRECTS 5
/* Certificates of a chain that are told. */
#define LIMIT_HTTP_CHAIN 8

/* facts */
/* Values of facts that one host or one site can have. */
#define LIMIT_FACTS 4096
/* The name of a fact with its subject. */
#define LIMIT_FACT_KEY 512
/* One fact that is a list of words. */
#define LIMIT_FACT_TEXT (16U << 10)
/* Summary, transcript or facts of one check. */
#define LIMIT_CHECK_TEXT (64U << 10)
/* Findings of one reading of all configuration files. */
#define LIMIT_FINDINGS 2000
/* Verdicts of one capture. */
#define LIMIT_VERDICTS 4096
/* Secrets that programs hold alike, of all hosts that are compared. */
#define LIMIT_SECRETS 1024
/* Bytes of the salt with which they are told. */
#define LIMIT_SALT_LEAST 16
#define LIMIT_SALT_MOST 64

/* programs */
/* A host's name, RFC 1035. */
#define LIMIT_HOSTNAME 255
/* Files that one run reads. */
#define LIMIT_INPUTS 4096
/* An evidence document that we write, and one that we read. */
#define LIMIT_EVIDENCE_WRITTEN (4U << 20)
#define LIMIT_EVIDENCE_READ (16U << 20)
/* Listening sockets told in it. */
#define LIMIT_EVIDENCE_LISTENERS 512
/* Legs of flows that a peer's packet filter blocks, read from it. */
#define LIMIT_EVIDENCE_LEGS 64
/* Findings of a peer's configuration, read from it. */
#define LIMIT_EVIDENCE_FINDINGS 256
/* Rounds of PBKDF2 for the value of one secret: what OWASP asks for with
 * HMAC-SHA256 since 2023. */
#define LIMIT_SECRET_ROUNDS 600000
/* Values that one helper child computes, its CPU seconds and memory. */
#define LIMIT_SECRET_VALUES 48
#define LIMIT_SECRET_SECONDS 60
#define LIMIT_SECRET_MEMORY (256U << 20)
/* Salts of other hosts' documents that are answered with own values. */
#define LIMIT_SECRET_SALTS 8
/* One of a secret's texts in a document. */
#define LIMIT_SECRET_TEXT 1024
/* Seconds between two answers with secrets to the same asker, and askers
 * that are remembered. */
#define LIMIT_SECRET_INTERVAL 600
#define LIMIT_SECRET_ASKERS 256
/* A certificate or key for the http process. */
#define LIMIT_PEM (12U << 10)
/* Checks of one run. */
#define LIMIT_CHECKS 4096
/* The head of a file whose name does not say what it is. */
#define LIMIT_SAMPLE 8192
/* Statements of one kind in meetprobe.conf. */
#define LIMIT_CONF_LIST 256
/* probes/config */
/* Values of one configuration file. */
#define LIMIT_CONFIG_ITEMS 20000
/* The path of one of them. */
#define LIMIT_CONFIG_KEY 1024
/* Blocks within blocks of a configuration file. */
#define LIMIT_CONFIG_DEPTH 64
/* Arguments of one directive of nginx that are kept. */
#define LIMIT_NGINX_WORDS 2000
/* Nodes a HOCON file may make, substitutions followed included. */
#define LIMIT_HOCON_NODES 50000
/* Keys of one block of it. */
#define LIMIT_HOCON_MEMBERS 2000
/* Text that the substitutions of one HOCON file may make. */
#define LIMIT_HOCON_TEXT (4U << 20)
/* Memory of the Lua that reads prosody's configuration. */
#define LIMIT_LUA_MEMORY (32U << 20)
/* Its instructions before it is stopped. */
#define LIMIT_LUA_STEPS 5000000
/* Memory of the engine that reads config.js. */
#define LIMIT_JS_MEMORY (32U << 20)
/* Address space of the child that runs them; the libraries count. */
#define LIMIT_CONFIG_CHILD_MEMORY (64U << 20)
/* Time for one batch of files in that child. */
#define LIMIT_CONFIG_CHILD_NS INT64_C(3000000000)
/* Files that one lint takes. */
#define LIMIT_CONFIG_FILES 500
/* Files looked at below a folder that is named, and its folders' depth. */
#define LIMIT_TREE_FILES 20000
#define LIMIT_TREE_DEPTH 12

/* probes/media */
/* One packet of a savefile; libpcap's own ceiling for a snaplen. */
#define LIMIT_CAPTURE_PACKET 262144
/* Read from a savefile at once; holds a packet and its head. */
#define LIMIT_CAPTURE_BUFFER (512U << 10)
/* A pcapng block, most of which is passed over when it is no packet. */
#define LIMIT_CAPTURE_BLOCK (16U << 20)
/* Interfaces of a pcapng section. */
#define LIMIT_CAPTURE_INTERFACES 64
/* Flows at once: clients times their candidates; the longest idle one goes. */
#define LIMIT_MEDIA_FLOWS 16384
/* Of these, flows that the bridge has never sent anything to, so that made-up
 * sources only push each other out. */
#define LIMIT_MEDIA_UNPROVEN 256
/* Streams at once, over all flows. */
#define LIMIT_MEDIA_STREAMS 131072
/* Streams of one flow and direction. */
#define LIMIT_MEDIA_FLOW_STREAMS 256
/* Streams of a flow that the bridge has never sent anything to. */
#define LIMIT_MEDIA_UNPROVEN_STREAMS 8
/* Characters kept of an ICE user fragment (RFC 8445 allows 256). */
#define LIMIT_MEDIA_UFRAG 64
/* Captures that one run reads. */
#define LIMIT_MEDIA_FILES 16

/* diagnosis */
/* Words on one line of the catalogue. */
#define LIMIT_PIT_WORDS 64
/* Signals, patterns, causes, items, tests, strings of the catalogue, and
 * lines in one block of it. */
#define LIMIT_PIT_LIST (1U << 20)
/* A regular expression made of one text. */
#define LIMIT_PIT_REGEX 4096
/* Files of a catalogue's folder. */
#define LIMIT_PIT_FILES 256
/* Steps that PCRE2 takes on one line for one expression. */
#define LIMIT_MATCH_STEPS 200000
/* Events of one signal or pattern held at once; of more, the ends stay. */
#define LIMIT_EVENTS 4096
/* The line shown of an event. */
#define LIMIT_EVENT_TEXT 400
/* Names of files and hosts. */
#define LIMIT_EVIDENCE_STRINGS 65536
/* Pairs of component and file that were read. */
#define LIMIT_COVERS 4096
/* A text of several components is read record by record up to this size. */
#define LIMIT_MIXED_SCAN (16U << 20)
/* Sets of causes that one inference scores. */
#define LIMIT_SETS (1U << 20)
/* Elements of any one list of a report. */
#define LIMIT_REPORT_LIST (1U << 18)
/* One value from outside in a sentence or command. */
#define LIMIT_SAY_VALUE 256

/* probes/logs */
/* Lines without a head that one record can have: a stack trace. */
#define LIMIT_LOG_RECORD_LINES 256
/* Bytes that a record's first and last line can be apart. */
#define LIMIT_LOG_RECORD_BYTES ((size_t)256 << 10)
/* A piece of a log in memory; a longer line is cut. */
#define LIMIT_LOG_PIECE ((size_t)4 << 20)
/* What one compressed log can unfold to; the rest is not read. */
#define LIMIT_LOG_INFLATED ((size_t)4 << 30)
/* The beginning of a log that tells what it is. */
#define LIMIT_LOG_SAMPLE ((size_t)64 << 10)
/* Text of a followed log that is kept back; a longer line is cut. */
#define LIMIT_LOG_FOLLOW ((size_t)512 << 10)
/* What one look at a followed log reads at most, so that others get on. */
#define LIMIT_LOG_POLL ((size_t)8 << 20)

/* exporter */
/* Series that one family of metrics may have. */
#define LIMIT_METRIC_SERIES 4096
/* One label's value. */
#define LIMIT_METRIC_LABEL 128
/* All labels of a series, escaped. */
#define LIMIT_METRIC_TEXT 4096
/* One page that the http process keeps, one answer it passes on. */
#define LIMIT_PAGE (16U << 20)
/* Connections open at once on one listening address. */
#define LIMIT_HTTP_CONNECTIONS 64
/* Of these, from one address. */
#define LIMIT_HTTP_PER_ADDRESS 32
/* Memory of one connection; a request's line and headers must fit. */
#define LIMIT_HTTP_CONNECTION_MEMORY (16U << 10)
/* Seconds in which a request's headers must be here, and seconds that an
 * answer may make no progress. */
#define LIMIT_HTTP_SECONDS 10
/* Requests that wait for the engine at once; more are told to come later. */
#define LIMIT_HTTP_WAITING 16
/* Seconds that a request waits for the engine at most. */
#define LIMIT_HTTP_WAIT_SECONDS 60
/* Name of a probe, a subject, a salt in a request. */
#define LIMIT_HTTP_ARGUMENT 256
/* The name of who asks: an address. */
#define LIMIT_HTTP_ASKER 63
/* Seconds after which pages that were not renewed are no longer served. */
#define LIMIT_PAGE_AGE_SECONDS 60
/* Addresses to listen on. */
#define LIMIT_LISTENERS 16

/* probes */
/* Subjects of one probe on one host. */
#define LIMIT_SUBJECTS 2048
/* Jobs of one engine. */
#define LIMIT_JOBS 4096
/* Runs in progress at once; the others wait. */
#define LIMIT_RUNS_AT_ONCE 1024
/* What runs leave for other runs of the same engine. */
#define LIMIT_NOTES 64
/* Bytes that a probe reads from a peer on one connection. */
#define LIMIT_PEER_BYTES (256U << 10)
/* Certificates of a chain that are looked at. */
#define LIMIT_CHAIN 8
/* A DNS message over TCP. */
#define LIMIT_DNS_MESSAGE 65535
/* Records of a DNS answer that are kept. */
#define LIMIT_DNS_RECORDS 64
/* Addresses of one name that are tried. */
#define LIMIT_ADDRESSES 8
/* Servers and search domains of resolv.conf; more are ignored by libc too. */
#define LIMIT_NAMESERVERS 3
/* hosts(5) and resolv.conf(5). */
#define LIMIT_HOSTS_FILE (1U << 20)
/* Listening sockets of a host that are looked at. */
#define LIMIT_LOCAL_LISTENERS 1024
/* Processes of a host that are looked at. */
#define LIMIT_PROCESSES 4096
/* What is read at once of the package database of Debian (some 3 MB on a
 * desktop, a paragraph of it a few KB), and of jitsi-meet's index.html. */
#define LIMIT_PACKAGES (256U << 10)
/* Machines of vm.conf(5). */
#define LIMIT_VMS 64
/* Depth of the XML of a stanza, and its text and attributes. */
#define LIMIT_XML_DEPTH 16
#define LIMIT_STANZA (64U << 10)

/* probes/pf */
/* Texts of pf.conf files for which lint looks for lines that help: each is
 * read anew with every line that is tried. */
#define LIMIT_PF_ADVICE (128U << 10)
/* Rules of one pf.conf after expansion, anchors and loaded files included. */
#define LIMIT_PF_RULES 200000
/* Combinations of lists looked at for them. */
#define LIMIT_PF_COMBINATIONS 2000000
/* Characters of all macro expansions of one reading. */
#define LIMIT_PF_EXPANSION (16U << 20)
/* The value of one macro. */
#define LIMIT_PF_MACRO (1U << 20)
/* Macros of one reading. */
#define LIMIT_PF_MACROS 100000
/* Queues of one reading. */
#define LIMIT_PF_QUEUES 4096
/* Files of one reading: includes, tables, loaded anchors. */
#define LIMIT_PF_FILES 256
/* Anchors nested in braces, and anchors that call anchors. */
#define LIMIT_PF_ANCHOR_DEPTH 64
/* Entries of all tables of one reading. */
#define LIMIT_PF_TABLE_ENTRIES 2000000
/* The print-out of one reading. */
#define LIMIT_PF_TEXT (256U << 20)
/* Interfaces, addresses, groups, hosts, services, users of an environment. */
#define LIMIT_PF_ENV 65536
/* Flows of one TSV file. */
#define LIMIT_PF_FLOWS 1000000
/* A flows file. */
#define LIMIT_PF_FLOWS_FILE (256U << 20)
/* A pflog savefile, and the text of pfctl. */
#define LIMIT_PF_LIVE (64U << 20)
/* What one command of the system prints: pfctl's states are many. */
#define LIMIT_COMMAND_OUTPUT (8U << 20)
/* Flows that blocked packets are counted by. */
#define LIMIT_PF_LOG_FLOWS 4096

#endif
