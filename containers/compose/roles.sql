-- See roles.sh. May be run again and again.
SET client_min_messages = warning;
DROP ROLE IF EXISTS sagaline_renames;

SELECT 'CREATE ROLE sagaline' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sagaline') \gexec
ALTER ROLE sagaline LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
SELECT 'CREATE ROLE temporal' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'temporal') \gexec
ALTER ROLE temporal LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'temporal_password';

-- The owner may create the trusted extension that migrations want.
ALTER DATABASE sagaline OWNER TO sagaline;
REVOKE CONNECT ON DATABASE sagaline FROM PUBLIC;

-- What the superuser made in earlier versions. An extension's own objects stay with it, sequences go with their tables.
DO $$
DECLARE
    change TEXT;
BEGIN
    FOR change IN
        SELECT format('ALTER SCHEMA %I OWNER TO sagaline', nspname) FROM pg_namespace AS namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspowner <> 'sagaline'::regrole
        UNION ALL
        SELECT format('ALTER %s %s OWNER TO sagaline',
                      CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                      relation.oid::regclass)
        FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND relkind IN ('r', 'p', 'v', 'm', 'S')
          AND relowner <> 'sagaline'::regrole
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = relation.oid AND deptype IN ('a', 'i', 'e')
                          AND (deptype = 'e' OR relkind = 'S'))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO sagaline', routine.oid::regprocedure)
        FROM pg_proc AS routine JOIN pg_namespace AS namespace ON namespace.oid = pronamespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND proowner <> 'sagaline'::regrole
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = routine.oid AND deptype = 'e')
    LOOP
        EXECUTE change;
    END LOOP;
END
$$;
