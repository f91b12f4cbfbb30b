# Linux (Debian names): libraries, headers, and the back end's files.
OS_CPPFLAGS = -D_GNU_SOURCE -I/usr/include/lua5.4
OS_LIBS = -levent_core -lcurl -lmicrohttpd -lstrophe -lpcap -lssl -lcrypto \
	-lexpat -ljansson -lpcre2-8 -llua5.4 -lduktape -lz -lm -lresolv
OS_NOT = openbsd
