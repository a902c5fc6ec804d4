#!/usr/bin/env bash
# Makes the cluster, its user and its database, and runs /docker-entrypoint-initdb.d against a server that nobody else
# can reach. Arguments: the server's command line.
set -Eeuo pipefail

# from_file NAME [default]: NAME, or the content of the file that NAME_FILE names, as for Docker secrets.
from_file() {
  local name=$1 file="${1}_FILE" default=${2:-}
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
    echo "error: both $name and $file are set (but are exclusive)" >&2
    exit 1
  fi
  if [ -n "${!name:-}" ]; then default=${!name}; elif [ -n "${!file:-}" ]; then default=$(<"${!file}"); fi
  export "$name=$default"
  unset "$file"
}

from_file POSTGRES_PASSWORD
from_file POSTGRES_USER postgres
from_file POSTGRES_DB "$POSTGRES_USER"
from_file POSTGRES_INITDB_ARGS
: "${POSTGRES_HOST_AUTH_METHOD:=}"

if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
  cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       Set POSTGRES_PASSWORD to a non-empty value, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in.
TEXT
  exit 1
fi

# initdb looks its own user up, whom `docker run --user` may have made up.
if ! getent passwd "$(id -u)" >/dev/null; then
  NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
  export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libnss_wrapper.so
  [ -e "$LD_PRELOAD" ] || LD_PRELOAD=$(find /usr/lib -name libnss_wrapper.so -print -quit)
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
  echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
fi
eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD")' \
  ${POSTGRES_INITDB_WALDIR:+--waldir=\"\$POSTGRES_INITDB_WALDIR\"} "$POSTGRES_INITDB_ARGS" '"--pgdata=$PGDATA"'
if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
  rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
fi

method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption -D "$PGDATA")}
printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

export PGUSER=$POSTGRES_USER PGPASSWORD=$POSTGRES_PASSWORD PGHOST='' PGHOSTADDR=''
shift
pg_ctl -D "$PGDATA" -w -o "$(printf '%q ' -c listen_addresses='' -p "${PGPORT:-5432}" "$@")" start

run_sql() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc "$@"; }
if [ "$POSTGRES_DB" != postgres ]; then
  exists=$(run_sql --dbname postgres --tuples-only --set db="$POSTGRES_DB" <<<"SELECT 1 FROM pg_database WHERE datname = :'db'")
  [ -n "$exists" ] || run_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
fi

docker_process_sql() { run_sql --dbname "$POSTGRES_DB" "$@"; }
for file in /docker-entrypoint-initdb.d/*; do
  case "$file" in
    *.sh)
      echo "$0: running $file"
      # shellcheck source=/dev/null
      if [ -x "$file" ]; then "$file"; else . "$file"; fi
      ;;
    *.sql) echo "$0: running $file" && docker_process_sql -f "$file" ;;
    *.sql.gz) echo "$0: running $file" && gunzip -c "$file" | docker_process_sql ;;
    *.sql.xz) echo "$0: running $file" && xzcat "$file" | docker_process_sql ;;
    *.sql.zst) echo "$0: running $file" && zstd -dc "$file" | docker_process_sql ;;
    '/docker-entrypoint-initdb.d/*') ;;
    *) echo "$0: ignoring $file" ;;
  esac
done
pg_ctl -D "$PGDATA" -m fast -w stop
