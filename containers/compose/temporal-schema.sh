#!/bin/sh
# Brings Temporal's two databases to the version of these tools; what is there already is left as it is.
set -eu
schema=/etc/temporal/schema/postgresql/v12

bring() {
  temporal-sql-tool --db "$1" create-database
  temporal-sql-tool --db "$1" setup-schema --version 0.0
  temporal-sql-tool --db "$1" update-schema --schema-dir "$schema/$2/versioned"
}

bring temporal temporal
bring temporal_visibility visibility
