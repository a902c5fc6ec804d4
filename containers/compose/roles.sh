#!/bin/sh
# PostgreSQL's roles, at every start, also of a volume that has been there before: ours owns its database and may do nothing
# else, Temporal's may make its two databases and touch no others.
set -eu
as() {
  user=$1 password=$2
  shift 2
  PGPASSWORD=$password psql -X -q -v ON_ERROR_STOP=1 --username "$user" --dbname sagaline "$@"
}
admin() { as postgres "$ADMIN_PASSWORD" "$@"; }

# In volumes of earlier versions our role is the superuser that the cluster was made with. That one cannot be less, nor rename
# itself: another one gives it the name that it should have had, and goes.
if ! admin -c 'SELECT' >/dev/null 2>&1; then
  echo "role sagaline of this volume is its superuser: that becomes postgres, and sagaline a role of its own"
  as sagaline "$PASSWORD" -v password="$ADMIN_PASSWORD" <<'SQL'
SET client_min_messages = warning;
DROP ROLE IF EXISTS sagaline_renames;
CREATE ROLE sagaline_renames SUPERUSER LOGIN PASSWORD :'password';
SQL
  as sagaline_renames "$ADMIN_PASSWORD" -v password="$ADMIN_PASSWORD" --single-transaction <<'SQL'
ALTER ROLE sagaline RENAME TO postgres;
ALTER ROLE postgres PASSWORD :'password';
SQL
fi
admin -v password="$PASSWORD" -v temporal_password="$TEMPORAL_PASSWORD" --single-transaction -f "$(dirname "$0")/roles.sql"
