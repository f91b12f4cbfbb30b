JICOFO_CONF=/etc/jicofo/jicofo.conf
JICOFO_LOG_CONFIG=/etc/jicofo/logging.properties
JICOFO_TRUSTSTORE=/etc/jicofo/jicofo-key.store
JICOFO_TRUSTSTORE_PASSWORD=jitsicool
JICOFO_MAXMEM=3G
JICOFO_DHKEYSIZE=2048
JAVA_SYS_PROPS=""
