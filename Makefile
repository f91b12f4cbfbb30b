# meetprobe: one Makefile for GNU make and BSD make.
#
#   make               build/meetprobe and build/meetprobed
#   make run           install what is missing, build, bring up the lab, show it
#   make test          every test; ends with "N passed, N failed"
#   make install       below DESTDIR and PREFIX; starts nothing
#   make man           the manual pages, into build/man
#   make lab           bring up the lab (make lab-down ends it)
#   make bench         what is measured
#   make fuzz          every fuzz target for FUZZ_SECONDS
#   make check-openbsd compile and link every file for OpenBSD
#   make lint          how the code reads; make format-check by clang-format
#   make deps          install what is missing; make clean
#
# BUILD names the folder that everything is written to, so that several
# builds (sanitizers, another compiler) can stand side by side.

BUILD = build
PREFIX = /usr/local
DESTDIR =
MANDIR = $(PREFIX)/man
CC = cc
CFLAGS = -O2 -g
SANITIZE = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
WARN = -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wsign-compare \
	-Wwrite-strings
WERROR =
VERSION = 0.1.0

OS != uname -s | tr A-Z a-z
include agent/compat/$(OS).mk

CPPFLAGS_ALL = -I. -I$(BUILD) -DMEETPROBE_VERSION='"$(VERSION)"' \
	$(OS_CPPFLAGS) $(CPPFLAGS)
COMPILE = $(CC) $(WARN) $(WERROR) $(CPPFLAGS_ALL) $(CFLAGS) -MMD -MP

# Every .c below agent, probes and exporter is part of the library, but for
# the two mains and the back end of another system.
SRCS != find agent probes exporter -name '*.c' ! -path agent/meetprobe.c \
	! -path agent/meetprobed.c ! -name '*-$(OS_NOT).c' 2>/dev/null | sort
TESTS != find tests -name '*_test.c' | sort
BENCHES != find tests -name '*_bench.c' | sort
FUZZES != find tests -name '*_fuzz.c' | sort
PITS != find agent/diagnosis/pitfalls -name '*.pit' 2>/dev/null | sort

# build/rules.mk: one rule a source file, since suffix rules cannot name
# another folder in both makes; and the lists of objects.
RULES != B=$(BUILD); mkdir -p $$B; { \
	for s in $(SRCS) $(TESTS) $(BENCHES) $(FUZZES) agent/meetprobe.c \
	    agent/meetprobed.c tests/kit/check.c; do \
		o=$${s%.c}.o; mkdir -p $$B/$${s%/*}; \
		printf '%s: %s\n\t@echo "  CC   %s"\n' $$B/$$o $$s $$s; \
		printf '\t@$$(COMPILE) -c -o $$@ %s\n' $$s; \
		printf -- '-include %s\n' $$B/$${s%.c}.d; \
	done; \
	for s in $(TESTS) $(BENCHES); do \
		t=$$B/$${s%.c}; \
		printf '%s: %s.o $$(KIT) $$(LIB)\n' $$t $$t; \
		printf '\t@$$(LINK) -o $$@ %s.o $$(KIT) $$(LIB) $$(LIBS)\n' $$t; \
	done; \
	for s in $(FUZZES); do \
		t=$$B/$${s%.c}; \
		printf '%s: %s.o $$(LIB)\n' $$t $$t; \
		printf '\t@$$(LINK) -fsanitize=fuzzer -o $$@ %s.o $$(LIB) $$(LIBS)\n' $$t; \
	done; \
	printf 'CATALOGUE = %s\n' "$(PITS)"; \
	printf 'OBJS ='; for s in $(SRCS); do printf ' %s' $$B/$${s%.c}.o; done; \
	printf '\nTEST_PROGS ='; \
	for s in $(TESTS); do printf ' %s' $$B/$${s%.c}; done; \
	printf '\nBENCH_PROGS ='; \
	for s in $(BENCHES); do printf ' %s' $$B/$${s%.c}; done; \
	printf '\nFUZZ_PROGS ='; \
	for s in $(FUZZES); do printf ' %s' $$B/$${s%.c}; done; echo; \
	} > $$B/rules.mk.new; \
	cmp -s $$B/rules.mk.new $$B/rules.mk || mv $$B/rules.mk.new $$B/rules.mk

LIB = $(BUILD)/libmeetprobe.a
KIT = $(BUILD)/tests/kit/check.o
LIBS = $(OS_LIBS)
LINK = $(CC) $(CFLAGS) $(LDFLAGS)
PROGRAMS = $(BUILD)/meetprobe $(BUILD)/meetprobed

all: $(PROGRAMS)

include $(BUILD)/rules.mk

# The catalogue is compiled in.
$(BUILD)/pitfalls.c: $(PITS) agent/diagnosis/pitfalls.awk $(BUILD)/rules.mk
	@awk -f agent/diagnosis/pitfalls.awk $(PITS) > $@.new
	@mv $@.new $@

$(BUILD)/pitfalls.o: $(BUILD)/pitfalls.c agent/diagnosis/catalogue.h
	@echo "  CC   $(BUILD)/pitfalls.c"
	@$(COMPILE) -c -o $@ $(BUILD)/pitfalls.c

# The revision, in a file of its own: nothing else is compiled again for it.
REVISION != B=$(BUILD); mkdir -p $$B; \
	r=$$(git rev-parse --short HEAD 2>/dev/null || echo unknown); \
	printf 'extern const char meetprobe_revision[];\nconst char meetprobe_revision[] = "%s";\n' $$r > $$B/revision.new; \
	cmp -s $$B/revision.new $$B/revision.c || mv $$B/revision.new $$B/revision.c

$(BUILD)/revision.o: $(BUILD)/revision.c
	@$(COMPILE) -c -o $@ $(BUILD)/revision.c

MADE = $(BUILD)/pitfalls.o $(BUILD)/revision.o

$(LIB): $(OBJS) $(MADE) $(BUILD)/rules.mk
	@echo "  AR   $@"
	@rm -f $@
	@ar rcs $@ $(OBJS) $(MADE)

$(BUILD)/meetprobe: $(BUILD)/agent/meetprobe.o $(LIB)
	@echo "  LINK $@"
	@$(LINK) -o $@ $(BUILD)/agent/meetprobe.o $(LIB) $(LIBS)

$(BUILD)/meetprobed: $(BUILD)/agent/meetprobed.o $(LIB)
	@echo "  LINK $@"
	@$(LINK) -o $@ $(BUILD)/agent/meetprobed.o $(LIB) $(LIBS)

test-programs: $(TEST_PROGS)
bench-programs: $(BENCH_PROGS)
fuzz-programs: $(FUZZ_PROGS)

# The unit tests run under the sanitizers, in a build of their own.
test: all
	@$(MAKE) BUILD=build/san CFLAGS="$(SANITIZE)" all test-programs
	@sh tests/run build/san

check: test

# Installs what building and testing need and is missing.
deps:
	@agent/packaging/deps

# From nothing to a running site with agents on it; ^C ends it.
run: deps all
	@BUILD=$(BUILD) tests/lab/show

# The site of the talk in network namespaces (tests/lab): up and down.
lab:
	@tests/lab/lab up

lab-down:
	@tests/lab/lab down

# What is measured, each program prints lines "what: figure".
bench: all bench-programs
	@sh tests/bench/run $(BUILD)

# Every fuzz target for FUZZ_SECONDS on its seeds, by clang's libFuzzer.
FUZZ_SECONDS = 10
FUZZ_CC = clang
fuzz:
	@$(MAKE) BUILD=build/fuzz CC="$(FUZZ_CC)" CFLAGS="-O1 -g \
	    -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=undefined" fuzz-programs
	@sh tests/fuzz/run build/fuzz $(FUZZ_SECONDS)

# How the code reads: fails on banned functions, reports the rest.
lint: all
	@python3 tests/tree/lint.py $(BUILD)

# Which files clang-format would write otherwise.
CLANG_FORMAT = clang-format
format-check:
	@CLANG_FORMAT="$(CLANG_FORMAT)" sh tests/tree/format

# The manual pages; one of them is filled from the catalogue.
MANUALS = $(BUILD)/man/meetprobe.8 $(BUILD)/man/meetprobed.8 \
	$(BUILD)/man/meetprobe.conf.5 $(BUILD)/man/meetprobe-pitfalls.7
man: $(MANUALS)

$(MANUALS): $(PITS) man/fill.awk man/meetprobe.8 man/meetprobed.8 \
	man/meetprobe.conf.5 man/meetprobe-pitfalls.7.in
	@mkdir -p $(BUILD)/man
	@cp man/meetprobe.8 man/meetprobed.8 man/meetprobe.conf.5 $(BUILD)/man
	@awk -f man/fill.awk man/meetprobe-pitfalls.7.in $(PITS) \
	    > $(BUILD)/man/meetprobe-pitfalls.7

# Everything below DESTDIR, nothing else is touched; no service is started.
SYSCONFDIR = /etc
EXAMPLES = $(PREFIX)/share/examples/meetprobe
install: all man
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" MANDIR="$(MANDIR)" \
	    EXAMPLES="$(EXAMPLES)" sh agent/packaging/install $(BUILD)

# Every file for OpenBSD, compiled and linked, see tests/openbsd/check.
check-openbsd:
	@tests/openbsd/check $(MAKE)

# What that check builds: the objects, without linking the programs.
openbsd-objects: $(OBJS) $(MADE) $(BUILD)/agent/meetprobe.o \
	$(BUILD)/agent/meetprobed.o

clean: lab-down
	rm -rf build

help:
	@sed -n '3,/^$$/s/^# *//p' Makefile

.PHONY: all check-openbsd openbsd-objects bench fuzz lint format-check man \
	install bench-programs fuzz-programs test check test-programs deps run lab lab-down clean help
