/** What a schema consists of, in the words of PostgreSQL itself: two databases with the same answer cannot be told apart. */
import type { FormerDatabase } from './former-database.ts';

const QUESTIONS: Readonly<Record<string, string>> = {
  columns: `SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default, is_identity, datetime_precision
    FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 2`,
  indexes: `SELECT indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1`,
  constraints: `SELECT conrelid::regclass::TEXT AS "table", conname, pg_get_constraintdef(oid) AS "definition" FROM pg_constraint
    WHERE connamespace = $1::TEXT::regnamespace ORDER BY 1, 2`,
  functions: `SELECT pg_get_functiondef(oid) AS "definition" FROM pg_proc WHERE pronamespace = $1::TEXT::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    ORDER BY 1`,
  triggers: `SELECT pg_get_triggerdef(pg_trigger.oid) AS "definition" FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = $1::TEXT::regnamespace AND NOT tgisinternal ORDER BY 1`,
  sequences: `SELECT sequencename, data_type FROM pg_sequences WHERE schemaname = $1 ORDER BY 1`,
  views: `SELECT viewname, definition FROM pg_views WHERE schemaname = $1 ORDER BY 1`,
};

export async function catalogueOf({ query }: Pick<FormerDatabase, 'query'>, schema: string) {
  const answers: Record<string, object[]> = {};
  for (const [name, sql] of Object.entries(QUESTIONS)) answers[name] = await query(sql, [schema]);
  return answers;
}
