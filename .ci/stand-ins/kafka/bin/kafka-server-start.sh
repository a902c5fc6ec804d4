#!/usr/bin/env bash
# kafka-server-start.sh server.properties [--override property=value]*
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ $# -lt 1 ]; then
  echo "USAGE: $0 server.properties [--override property=value]*" >&2
  exit 1
fi
export KAFKA_LOG4J_OPTS=${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=$home/config/log4j2.yaml}
export KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx1G -Xms1G}
[ -n "${KAFKA_JMX_PORT:-}" ] && export JMX_PORT=$KAFKA_JMX_PORT
exec "$home/bin/kafka-run-class.sh" kafka.Kafka "$@"
