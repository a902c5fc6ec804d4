#!/usr/bin/env bash
# Prepares the data directory on the first start, then becomes the server (or whatever command was given).
set -Eeuo pipefail

[ "${1:0:1}" = '-' ] && set -- postgres "$@"

wants_help() {
  local argument
  for argument; do
    case "$argument" in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
  done
  return 1
}

if [ "$1" = postgres ] && ! wants_help "$@"; then
  if [ "$(id -u)" = 0 ]; then
    install -d -m 3775 /var/run/postgresql 2>/dev/null || :
    mkdir -p "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}
    find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \! -user postgres \
      -exec chown postgres '{}' +
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
  fi
  mkdir -p "$PGDATA"
  # A directory that somebody else mounted may not be ours to change; the server itself complains if that is wrong.
  chmod 700 "$PGDATA" 2>/dev/null || :

  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    # A process of its own: the variables with the password do not reach the server.
    init.sh "$@"
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
  fi
  unset POSTGRES_PASSWORD
fi

exec "$@"
