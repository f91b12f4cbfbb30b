/* SPDX-License-Identifier: ISC */
/*
 * What a program sees of base libpcap: its time stamps are a struct
 * bpf_timeval of two 32-bit fields, and what later versions added (time stamp
 * types and precision, pcap_init) is not there. For the build check only.
 */
#ifndef MEETPROBE_OPENBSD_PCAP_H
#define MEETPROBE_OPENBSD_PCAP_H

#include <sys/types.h>
#include <sys/time.h>

#include <stdio.h>

#include <net/bpf.h>

#define PCAP_VERSION_MAJOR 2
#define PCAP_VERSION_MINOR 4
#define PCAP_ERRBUF_SIZE 256
#define PCAP_IF_LOOPBACK 0x1
#define PCAP_NETMASK_UNKNOWN 0xffffffff

#define PCAP_ERROR -1
#define PCAP_ERROR_BREAK -2
#define PCAP_ERROR_NOT_ACTIVATED -3
#define PCAP_ERROR_ACTIVATED -4
#define PCAP_ERROR_NO_SUCH_DEVICE -5
#define PCAP_ERROR_RFMON_NOTSUP -6
#define PCAP_ERROR_NOT_RFMON -7
#define PCAP_ERROR_PERM_DENIED -8
#define PCAP_ERROR_IFACE_NOT_UP -9
#define PCAP_WARNING 1
#define PCAP_WARNING_PROMISC_NOTSUP 2

typedef struct pcap pcap_t;
typedef struct pcap_dumper pcap_dumper_t;
typedef struct pcap_if pcap_if_t;
typedef struct pcap_addr pcap_addr_t;

typedef enum { PCAP_D_INOUT = 0, PCAP_D_IN, PCAP_D_OUT } pcap_direction_t;

struct pcap_file_header {
	bpf_u_int32 magic;
	u_short version_major, version_minor;
	bpf_int32 thiszone;
	bpf_u_int32 sigfigs, snaplen, linktype;
};

struct pcap_pkthdr {
	struct bpf_timeval ts;
	bpf_u_int32 caplen;
	bpf_u_int32 len;
};

struct pcap_stat {
	u_int ps_recv, ps_drop, ps_ifdrop;
};

struct pcap_if {
	struct pcap_if *next;
	char *name;
	char *description;
	struct pcap_addr *addresses;
	bpf_u_int32 flags;
};

struct pcap_addr {
	struct pcap_addr *next;
	struct sockaddr *addr, *netmask, *broadaddr, *dstaddr;
};

typedef void (*pcap_handler)(u_char *, const struct pcap_pkthdr *,
    const u_char *);

char *pcap_lookupdev(char *);
int pcap_lookupnet(const char *, bpf_u_int32 *, bpf_u_int32 *, char *);
pcap_t *pcap_create(const char *, char *);
int pcap_set_snaplen(pcap_t *, int);
int pcap_set_promisc(pcap_t *, int);
int pcap_can_set_rfmon(pcap_t *);
int pcap_set_rfmon(pcap_t *, int);
int pcap_set_timeout(pcap_t *, int);
int pcap_set_immediate_mode(pcap_t *, int);
int pcap_set_buffer_size(pcap_t *, int);
int pcap_activate(pcap_t *);
pcap_t *pcap_open_live(const char *, int, int, int, char *);
pcap_t *pcap_open_dead(int, int);
pcap_t *pcap_open_offline(const char *, char *);
pcap_t *pcap_fopen_offline(FILE *, char *);
void pcap_close(pcap_t *);
int pcap_loop(pcap_t *, int, pcap_handler, u_char *);
int pcap_dispatch(pcap_t *, int, pcap_handler, u_char *);
const u_char *pcap_next(pcap_t *, struct pcap_pkthdr *);
int pcap_next_ex(pcap_t *, struct pcap_pkthdr **, const u_char **);
void pcap_breakloop(pcap_t *);
int pcap_stats(pcap_t *, struct pcap_stat *);
int pcap_setfilter(pcap_t *, struct bpf_program *);
int pcap_setdirection(pcap_t *, pcap_direction_t);
int pcap_getnonblock(pcap_t *, char *);
int pcap_setnonblock(pcap_t *, int, char *);
int pcap_inject(pcap_t *, const void *, size_t);
int pcap_sendpacket(pcap_t *, const u_char *, int);
const char *pcap_statustostr(int);
const char *pcap_strerror(int);
char *pcap_geterr(pcap_t *);
void pcap_perror(pcap_t *, const char *);
int pcap_compile(pcap_t *, struct bpf_program *, const char *, int,
    bpf_u_int32);
int pcap_compile_nopcap(int, int, struct bpf_program *, const char *, int,
    bpf_u_int32);
void pcap_freecode(struct bpf_program *);
int pcap_offline_filter(const struct bpf_program *,
    const struct pcap_pkthdr *, const u_char *);
int pcap_datalink(pcap_t *);
int pcap_list_datalinks(pcap_t *, int **);
void pcap_free_datalinks(int *);
int pcap_set_datalink(pcap_t *, int);
int pcap_datalink_name_to_val(const char *);
const char *pcap_datalink_val_to_name(int);
const char *pcap_datalink_val_to_description(int);
int pcap_snapshot(pcap_t *);
int pcap_is_swapped(pcap_t *);
int pcap_major_version(pcap_t *);
int pcap_minor_version(pcap_t *);
FILE *pcap_file(pcap_t *);
int pcap_fileno(pcap_t *);
int pcap_get_selectable_fd(pcap_t *);
pcap_dumper_t *pcap_dump_open(pcap_t *, const char *);
pcap_dumper_t *pcap_dump_fopen(pcap_t *, FILE *);
FILE *pcap_dump_file(pcap_dumper_t *);
long pcap_dump_ftell(pcap_dumper_t *);
int pcap_dump_flush(pcap_dumper_t *);
void pcap_dump_close(pcap_dumper_t *);
void pcap_dump(u_char *, const struct pcap_pkthdr *, const u_char *);
int pcap_findalldevs(pcap_if_t **, char *);
void pcap_freealldevs(pcap_if_t *);
const char *pcap_lib_version(void);
u_int bpf_filter(const struct bpf_insn *, const u_char *, u_int, u_int);
int bpf_validate(struct bpf_insn *, int);
char *bpf_image(struct bpf_insn *, int);

#endif
