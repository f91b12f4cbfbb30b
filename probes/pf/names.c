/* SPDX-License-Identifier: ISC */
/*
 * Names and numbers: ICMP types and codes, IP protocols, services, TOS,
 * timeouts and limits. Pure: const tables and searches over them. Numbers
 * are those of IANA, RFC 792, RFC 4443 and OpenBSD's headers.
 */
#include <string.h>
#include <strings.h>

#include "probes/pf/names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct number {
	const char *name;
	int value;
};

struct code {
	const char *name;
	int type, value;
};

static const struct number icmp_types[] = {
	{ "echoreq", 8 },
	{ "echorep", 0 },
	{ "unreach", 3 },
	{ "squench", 4 },
	{ "redir", 5 },
	{ "althost", 6 },
	{ "routeradv", 9 },
	{ "routersol", 10 },
	{ "timex", 11 },
	{ "paramprob", 12 },
	{ "timereq", 13 },
	{ "timerep", 14 },
	{ "inforeq", 15 },
	{ "inforep", 16 },
	{ "maskreq", 17 },
	{ "maskrep", 18 },
	{ "trace", 30 },
	{ "dataconv", 31 },
	{ "mobredir", 32 },
	{ "ipv6-where", 33 },
	{ "ipv6-here", 34 },
	{ "mobregreq", 35 },
	{ "mobregrep", 36 },
	{ "skip", 39 },
	{ "photuris", 40 },
};

static const struct number icmp6_types[] = {
	{ "unreach", 1 },
	{ "toobig", 2 },
	{ "timex", 3 },
	{ "paramprob", 4 },
	{ "echoreq", 128 },
	{ "echorep", 129 },
	{ "groupqry", 130 },
	{ "listqry", 130 },
	{ "grouprep", 131 },
	{ "listenrep", 131 },
	{ "groupterm", 132 },
	{ "listendone", 132 },
	{ "routersol", 133 },
	{ "routeradv", 134 },
	{ "neighbrsol", 135 },
	{ "neighbradv", 136 },
	{ "redir", 137 },
	{ "routrrenum", 138 },
	{ "wrureq", 139 },
	{ "wrurep", 140 },
	{ "fqdnreq", 139 },
	{ "fqdnrep", 140 },
	{ "niqry", 139 },
	{ "nirep", 140 },
	{ "mtraceresp", 200 },
	{ "mtrace", 201 },
	{ "listenrepv2", 143 },
};

static const struct code icmp_codes[] = {
	{ "net-unr", 3, 0 },
	{ "host-unr", 3, 1 },
	{ "proto-unr", 3, 2 },
	{ "port-unr", 3, 3 },
	{ "needfrag", 3, 4 },
	{ "srcfail", 3, 5 },
	{ "net-unk", 3, 6 },
	{ "host-unk", 3, 7 },
	{ "isolate", 3, 8 },
	{ "net-prohib", 3, 9 },
	{ "host-prohib", 3, 10 },
	{ "net-tos", 3, 11 },
	{ "host-tos", 3, 12 },
	{ "filter-prohib", 3, 13 },
	{ "host-preced", 3, 14 },
	{ "cutoff-preced", 3, 15 },
	{ "redir-net", 5, 0 },
	{ "redir-host", 5, 1 },
	{ "redir-tos-net", 5, 2 },
	{ "redir-tos-host", 5, 3 },
	{ "normal-adv", 9, 0 },
	{ "common-adv", 9, 16 },
	{ "transit", 11, 0 },
	{ "reassemb", 11, 1 },
	{ "badhead", 12, 0 },
	{ "optmiss", 12, 1 },
	{ "badlen", 12, 2 },
	{ "unknown-ind", 40, 1 },
	{ "auth-fail", 40, 2 },
	{ "decrypt-fail", 40, 3 },
};

static const struct code icmp6_codes[] = {
	{ "admin-unr", 1, 1 },
	{ "noroute-unr", 1, 0 },
	{ "beyond-unr", 1, 2 },
	{ "addr-unr", 1, 3 },
	{ "port-unr", 1, 4 },
	{ "transit", 3, 0 },
	{ "reassemb", 3, 1 },
	{ "badhead", 4, 0 },
	{ "nxthdr", 4, 1 },
	{ "redironlink", 137, 0 },
	{ "redirrouter", 137, 1 },
};

static const struct number tos_names[] = {
	{ "af11", 0x28 },
	{ "af12", 0x30 },
	{ "af13", 0x38 },
	{ "af21", 0x48 },
	{ "af22", 0x50 },
	{ "af23", 0x58 },
	{ "af31", 0x68 },
	{ "af32", 0x70 },
	{ "af33", 0x78 },
	{ "af41", 0x88 },
	{ "af42", 0x90 },
	{ "af43", 0x98 },
	{ "critical", 0xa0 },
	{ "cs0", 0x00 },
	{ "cs1", 0x20 },
	{ "cs2", 0x40 },
	{ "cs3", 0x60 },
	{ "cs4", 0x80 },
	{ "cs5", 0xa0 },
	{ "cs6", 0xc0 },
	{ "cs7", 0xe0 },
	{ "ef", 0xb8 },
	{ "inetcontrol", 0xc0 },
	{ "lowdelay", 0x10 },
	{ "netcontrol", 0xe0 },
	{ "reliability", 0x04 },
	{ "throughput", 0x08 },
};

static const struct {
	const char *name;
	int number;
	const char *alias, *alias2;
} protocols[] = {
	{ "ip", 0, "IP", NULL },
	{ "icmp", 1, "ICMP", NULL },
	{ "igmp", 2, "IGMP", NULL },
	{ "ggp", 3, "GGP", NULL },
	{ "ipencap", 4, "IP-ENCAP", NULL },
	{ "st", 5, "ST", NULL },
	{ "tcp", 6, "TCP", NULL },
	{ "cbt", 7, "CBT", NULL },
	{ "egp", 8, "EGP", NULL },
	{ "igp", 9, "IGP", NULL },
	{ "bbn-rcc-mon", 10, "BBN-RCC-MON", NULL },
	{ "nvp-ii", 11, "NVP-II", NULL },
	{ "pup", 12, "PUP", NULL },
	{ "argus", 13, "ARGUS", NULL },
	{ "emcon", 14, "EMCON", NULL },
	{ "xnet", 15, "XNET", NULL },
	{ "chaos", 16, "CHAOS", NULL },
	{ "udp", 17, "UDP", NULL },
	{ "mux", 18, "MUX", NULL },
	{ "dcn", 19, "DCN-MEAS", NULL },
	{ "hmp", 20, "HMP", NULL },
	{ "prm", 21, "PRM", NULL },
	{ "xns-idp", 22, "XNS-IDP", NULL },
	{ "trunk-1", 23, "TRUNK-1", NULL },
	{ "trunk-2", 24, "TRUNK-2", NULL },
	{ "leaf-1", 25, "LEAF-1", NULL },
	{ "leaf-2", 26, "LEAF-2", NULL },
	{ "rdp", 27, "RDP", NULL },
	{ "irtp", 28, "IRTP", NULL },
	{ "iso-tp4", 29, "ISO-TP4", NULL },
	{ "netblt", 30, "NETBLT", NULL },
	{ "mfe-nsp", 31, "MFE-NSP", NULL },
	{ "merit-inp", 32, "MERIT-INP", NULL },
	{ "dccp", 33, "DCCP", NULL },
	{ "3pc", 34, "3PC", NULL },
	{ "idpr", 35, "IDPR", NULL },
	{ "xtp", 36, "XTP", NULL },
	{ "ddp", 37, "DDP", NULL },
	{ "idpr-cmtp", 38, "IDPR-CMTP", NULL },
	{ "tp++", 39, "TP++", NULL },
	{ "il", 40, "IL", NULL },
	{ "ipv6", 41, "IPv6", NULL },
	{ "sdrp", 42, "SDRP", NULL },
	{ "ipv6-route", 43, "IPv6-Route", NULL },
	{ "ipv6-frag", 44, "IPv6-Frag", NULL },
	{ "idrp", 45, "IDRP", NULL },
	{ "rsvp", 46, "RSVP", NULL },
	{ "gre", 47, "GRE", NULL },
	{ "dsr", 48, "DSR", NULL },
	{ "bna", 49, "BNA", NULL },
	{ "esp", 50, "ESP", NULL },
	{ "ah", 51, "AH", NULL },
	{ "i-nlsp", 52, "I-NLSP", NULL },
	{ "swipe", 53, "SWIPE", NULL },
	{ "narp", 54, "NARP", NULL },
	{ "mobile", 55, "MOBILE", NULL },
	{ "tlsp", 56, "TLSP", NULL },
	{ "skip", 57, "SKIP", NULL },
	{ "ipv6-icmp", 58, "IPv6-ICMP", "icmp6" },
	{ "ipv6-nonxt", 59, "IPv6-NoNxt", NULL },
	{ "ipv6-opts", 60, "IPv6-Opts", NULL },
	{ "cftp", 62, "CFTP", NULL },
	{ "sat-expak", 64, "SAT-EXPAK", NULL },
	{ "kryptolan", 65, "KRYPTOLAN", NULL },
	{ "rvd", 66, "RVD", NULL },
	{ "ippc", 67, "IPPC", NULL },
	{ "sat-mon", 69, "SAT-MON", NULL },
	{ "visa", 70, "VISA", NULL },
	{ "ipcv", 71, "IPCV", NULL },
	{ "cpnx", 72, "CPNX", NULL },
	{ "cphb", 73, "CPHB", NULL },
	{ "wsn", 74, "WSN", NULL },
	{ "pvp", 75, "PVP", NULL },
	{ "br-sat-mon", 76, "BR-SAT-MON", NULL },
	{ "sun-nd", 77, "SUN-ND", NULL },
	{ "wb-mon", 78, "WB-MON", NULL },
	{ "wb-expak", 79, "WB-EXPAK", NULL },
	{ "iso-ip", 80, "ISO-IP", NULL },
	{ "vmtp", 81, "VMTP", NULL },
	{ "secure-vmtp", 82, "SECURE-VMTP", NULL },
	{ "vines", 83, "VINES", NULL },
	{ "ttp", 84, "TTP", NULL },
	{ "nsfnet-igp", 85, "NSFNET-IGP", NULL },
	{ "dgp", 86, "DGP", NULL },
	{ "tcf", 87, "TCF", NULL },
	{ "eigrp", 88, "EIGRP", NULL },
	{ "ospf", 89, "OSPFIGP", NULL },
	{ "sprite-rpc", 90, "Sprite-RPC", NULL },
	{ "larp", 91, "LARP", NULL },
	{ "mtp", 92, "MTP", NULL },
	{ "ax.25", 93, "AX.25", NULL },
	{ "ipip", 94, "IPIP", NULL },
	{ "micp", 95, "MICP", NULL },
	{ "scc-sp", 96, "SCC-SP", NULL },
	{ "etherip", 97, "ETHERIP", NULL },
	{ "encap", 98, "ENCAP", NULL },
	{ "gmtp", 100, "GMTP", NULL },
	{ "ifmp", 101, "IFMP", NULL },
	{ "pnni", 102, "PNNI", NULL },
	{ "pim", 103, "PIM", NULL },
	{ "aris", 104, "ARIS", NULL },
	{ "scps", 105, "SCPS", NULL },
	{ "qnx", 106, "QNX", NULL },
	{ "a/n", 107, "A/N", NULL },
	{ "ipcomp", 108, "IPComp", NULL },
	{ "snp", 109, "SNP", NULL },
	{ "compaq-peer", 110, "Compaq-Peer", NULL },
	{ "ipx-in-ip", 111, "IPX-in-IP", NULL },
	{ "carp", 112, "CARP", "vrrp" },
	{ "pgm", 113, "PGM", NULL },
	{ "l2tp", 115, "L2TP", NULL },
	{ "ddx", 116, "DDX", NULL },
	{ "iatp", 117, "IATP", NULL },
	{ "stp", 118, "STP", NULL },
	{ "srp", 119, "SRP", NULL },
	{ "uti", 120, "UTI", NULL },
	{ "smp", 121, "SMP", NULL },
	{ "sm", 122, "SM", NULL },
	{ "ptp", 123, "PTP", NULL },
	{ "isis", 124, "ISIS", NULL },
	{ "fire", 125, "FIRE", NULL },
	{ "crtp", 126, "CRTP", NULL },
	{ "crudp", 127, "CRUDP", NULL },
	{ "sscopmce", 128, "SSCOPMCE", NULL },
	{ "iplt", 129, "IPLT", NULL },
	{ "sps", 130, "SPS", NULL },
	{ "pipe", 131, "PIPE", NULL },
	{ "sctp", 132, "SCTP", NULL },
	{ "fc", 133, "FC", NULL },
	{ "mobility-header", 135, "Mobility-Header", NULL },
	{ "udplite", 136, "UDPLite", NULL },
	{ "mpls-in-ip", 137, "MPLS-in-IP", NULL },
	{ "pfsync", 240, "PFSYNC", NULL },
};

/* t: over TCP, u: over UDP. */
static const struct {
	const char *name;
	int port;
	const char *over;
} services[] = {
	{ "tcpmux", 1, "t" },
	{ "echo", 7, "tu" },
	{ "discard", 9, "tu" },
	{ "systat", 11, "t" },
	{ "daytime", 13, "tu" },
	{ "netstat", 15, "t" },
	{ "qotd", 17, "t" },
	{ "chargen", 19, "tu" },
	{ "ftp-data", 20, "t" },
	{ "ftp", 21, "t" },
	{ "ssh", 22, "t" },
	{ "telnet", 23, "t" },
	{ "smtp", 25, "t" },
	{ "mail", 25, "t" },
	{ "time", 37, "tu" },
	{ "whois", 43, "t" },
	{ "nicname", 43, "t" },
	{ "tacacs", 49, "tu" },
	{ "domain", 53, "tu" },
	{ "bootps", 67, "tu" },
	{ "bootpc", 68, "tu" },
	{ "tftp", 69, "u" },
	{ "gopher", 70, "t" },
	{ "finger", 79, "t" },
	{ "www", 80, "t" },
	{ "http", 80, "t" },
	{ "kerberos", 88, "tu" },
	{ "hostname", 101, "t" },
	{ "pop3", 110, "t" },
	{ "pop-3", 110, "t" },
	{ "sunrpc", 111, "tu" },
	{ "portmap", 111, "tu" },
	{ "auth", 113, "t" },
	{ "ident", 113, "t" },
	{ "authentication", 113, "t" },
	{ "nntp", 119, "t" },
	{ "ntp", 123, "tu" },
	{ "netbios-ns", 137, "tu" },
	{ "netbios-dgm", 138, "tu" },
	{ "netbios-ssn", 139, "tu" },
	{ "imap", 143, "t" },
	{ "snmp", 161, "u" },
	{ "snmp-trap", 162, "u" },
	{ "snmptrap", 162, "u" },
	{ "bgp", 179, "t" },
	{ "irc", 194, "tu" },
	{ "ldap", 389, "tu" },
	{ "https", 443, "tu" },
	{ "microsoft-ds", 445, "tu" },
	{ "smtps", 465, "t" },
	{ "submissions", 465, "t" },
	{ "isakmp", 500, "u" },
	{ "exec", 512, "t" },
	{ "biff", 512, "u" },
	{ "login", 513, "t" },
	{ "who", 513, "u" },
	{ "shell", 514, "t" },
	{ "syslog", 514, "u" },
	{ "printer", 515, "t" },
	{ "talk", 517, "u" },
	{ "ntalk", 518, "u" },
	{ "route", 520, "u" },
	{ "ripng", 521, "u" },
	{ "uucp", 540, "t" },
	{ "dhcpv6-client", 546, "u" },
	{ "dhcpv6-server", 547, "u" },
	{ "afpovertcp", 548, "t" },
	{ "rtsp", 554, "tu" },
	{ "nntps", 563, "t" },
	{ "submission", 587, "t" },
	{ "ipp", 631, "tu" },
	{ "ldaps", 636, "t" },
	{ "ldp", 646, "tu" },
	{ "silc", 706, "tu" },
	{ "rsync", 873, "t" },
	{ "domain-s", 853, "tu" },
	{ "ftps", 990, "t" },
	{ "telnets", 992, "t" },
	{ "imaps", 993, "t" },
	{ "pop3s", 995, "t" },
	{ "socks", 1080, "t" },
	{ "openvpn", 1194, "tu" },
	{ "ms-sql-s", 1433, "tu" },
	{ "ica", 1494, "tu" },
	{ "radius", 1812, "u" },
	{ "radacct", 1813, "u" },
	{ "nfsd", 2049, "tu" },
	{ "nfs", 2049, "tu" },
	{ "cvspserver", 2401, "t" },
	{ "mysql", 3306, "t" },
	{ "turn", 3478, "tu" },
	{ "stun", 3478, "tu" },
	{ "vxlan", 4789, "u" },
	{ "ipsec-nat-t", 4500, "u" },
	{ "ipsec-msft", 4500, "u" },
	{ "sip", 5060, "tu" },
	{ "sip-tls", 5061, "tu" },
	{ "xmpp-client", 5222, "t" },
	{ "jabber-client", 5222, "t" },
	{ "xmpp-server", 5269, "t" },
	{ "jabber-server", 5269, "t" },
	{ "turns", 5349, "tu" },
	{ "stuns", 5349, "tu" },
	{ "mdns", 5353, "u" },
	{ "postgresql", 5432, "t" },
	{ "vnc", 5900, "t" },
	{ "x11", 6000, "t" },
	{ "spamd", 8025, "t" },
	{ "spamd-sync", 8025, "u" },
	{ "spamd-cfg", 8026, "t" },
	{ "http-alt", 8080, "t" },
	{ "ircd", 6667, "t" },
	{ "ircs-u", 6697, "t" },
	{ "bacula-dir", 9101, "t" },
	{ "hkp", 11371, "t" },
};

static const char *const timeouts[PF_TIMEOUTS] = {
	"tcp.first", "tcp.opening", "tcp.established", "tcp.closing",
	"tcp.finwait", "tcp.closed", "udp.first", "udp.single",
	"udp.multiple", "icmp.first", "icmp.error", "other.first",
	"other.single", "other.multiple", "frag", "interval",
	"adaptive.start", "adaptive.end", "src.track", "tcp.tsdiff",
};

static const char *const limits[] = {
	"states", "src-nodes", "frags", "tables", "table-entries",
	"pktdelay-pkts", "anchors",
};

static const char *const optimizations[] = {
	"default", "normal", "high-latency", "satellite", "aggressive",
	"conservative",
};

static const char *const levels[] = {
	"alert", "crit", "debug", "emerg", "err", "error", "info", "none",
	"notice", "panic", "warn", "warning",
};

static int
find(const struct number *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return (list[i].value);
	return (-1);
}

static const char *
find_name(const struct number *list, size_t n, int value)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].value == value)
			return (list[i].name);
	return (NULL);
}

static int
find_word(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(list[i], name) == 0)
			return ((int)i);
	return (-1);
}

int
pf_icmp_type(const char *name, enum pf_af af)
{
	if (af == PF_AF_INET6)
		return (find(icmp6_types, COUNT(icmp6_types), name));
	return (find(icmp_types, COUNT(icmp_types), name));
}

const char *
pf_icmp_type_name(int type, enum pf_af af)
{
	if (af == PF_AF_INET6)
		return (find_name(icmp6_types, COUNT(icmp6_types), type));
	return (find_name(icmp_types, COUNT(icmp_types), type));
}

static const struct code *
codes_of(enum pf_af af, size_t *n)
{
	*n = af == PF_AF_INET6 ? COUNT(icmp6_codes) : COUNT(icmp_codes);
	return (af == PF_AF_INET6 ? icmp6_codes : icmp_codes);
}

int
pf_icmp_code(int type, const char *name, enum pf_af af)
{
	const struct code *c;
	size_t i, n;

	c = codes_of(af, &n);
	for (i = 0; i < n; i++)
		if (c[i].type == type && strcmp(c[i].name, name) == 0)
			return (c[i].value);
	return (-1);
}

const char *
pf_icmp_code_name(int type, int code, enum pf_af af)
{
	const struct code *c;
	size_t i, n;

	c = codes_of(af, &n);
	for (i = 0; i < n; i++)
		if (c[i].type == type && c[i].value == code)
			return (c[i].name);
	return (NULL);
}

int
pf_proto(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(protocols); i++)
		if (strcmp(protocols[i].name, name) == 0 ||
		    strcmp(protocols[i].alias, name) == 0 ||
		    (protocols[i].alias2 != NULL &&
		    strcmp(protocols[i].alias2, name) == 0))
			return (protocols[i].number);
	return (-1);
}

const char *
pf_proto_name(int number)
{
	size_t i;

	for (i = 0; i < COUNT(protocols); i++)
		if (protocols[i].number == number)
			return (protocols[i].name);
	return (NULL);
}

int
pf_service(const char *name, const char *proto)
{
	size_t i;

	for (i = 0; i < COUNT(services); i++)
		if (strcmp(services[i].name, name) == 0 &&
		    strchr(services[i].over, proto[0]) != NULL)
			return (services[i].port);
	return (-1);
}

int
pf_tos(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(tos_names); i++)
		if (strcasecmp(tos_names[i].name, name) == 0)
			return (tos_names[i].value);
	return (-1);
}

int
pf_timeout(const char *name)
{
	return (find_word(timeouts, COUNT(timeouts), name));
}

const char *
pf_timeout_name(int i)
{
	return (i >= 0 && i < PF_TIMEOUTS ? timeouts[i] : NULL);
}

int
pf_limit_known(const char *name)
{
	return (find_word(limits, COUNT(limits), name) != -1);
}

int
pf_optimization_known(const char *name)
{
	return (find_word(optimizations, COUNT(optimizations), name) != -1);
}

int
pf_debug_known(const char *name)
{
	size_t i;

	if (name[0] >= '0' && name[0] <= '7' && name[1] == '\0')
		return (1);
	for (i = 0; i < COUNT(levels); i++)
		if (strcasecmp(levels[i], name) == 0 &&
		    strcmp(levels[i], "none") != 0)
			return (1);
	return (0);
}
