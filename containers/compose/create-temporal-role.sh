#!/bin/sh
# First start of an empty volume: Temporal gets a role of its own, which may make its two databases and touch no others.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
REVOKE CONNECT ON DATABASE sagaline FROM PUBLIC;
SQL
