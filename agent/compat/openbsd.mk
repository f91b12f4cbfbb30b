# OpenBSD: base has libevent, libpcap, LibreSSL, expat and zlib; the rest
# comes from packages below /usr/local.
OS_CPPFLAGS = -D_BSD_SOURCE -I/usr/local/include -I/usr/local/include/lua-5.4
OS_LIBS = -L/usr/local/lib -levent -lcurl -lmicrohttpd -lstrophe -lpcap \
	-lssl -lcrypto -lexpat -ljansson -lpcre2-8 -llua5.4 -lduktape -lz -lm
OS_NOT = linux
