/** Reads the variables that parts of the application declare where they use them, such as a participant or a projection. */
import { secretsOf, type Declaration, type EnvOf, type EnvSchemas } from './declaration.ts';
import { travelsReadable } from './clear-text.ts';
import { redacted } from './redacted.ts';
import type { Environment } from './secret-files.ts';

/** Names of the variables that hold secrets, of all declarations. */
export const secretsIn = (declared: readonly Declaration[]): string[] => unique(declared.flatMap(secretsOf));

/** Names of all variables that are declared. */
export const variablesIn = (declared: readonly Declaration[]): string[] =>
  unique(declared.flatMap(({ env = {} }) => Object.keys(env)));

/** Values by declaration: opaque to applications, whose parts are given their own. */
export type DeclaredValues = ReadonlyMap<Declaration, Readonly<Record<string, unknown>>>;

/**
 * What a part's variables are.
 *
 * @throws TypeError when the configuration was read without this part
 */
export function envOf<Schemas extends EnvSchemas>(
  { declared }: { readonly declared: DeclaredValues },
  part: Declaration<Schemas>,
): EnvOf<Schemas> {
  const values = declared.get(part as Declaration);
  if (!values) throw new TypeError('the configuration was read without this part of the application');
  // What is there fitted the very schemas that the type is made of.
  return values as EnvOf<Schemas>;
}

/** The values of each declaration's variables, and one line for each that does not fit. */
export function readDeclared(
  environment: Environment,
  declared: readonly Declaration[],
): { readonly values: DeclaredValues; readonly problems: string[] } {
  const values = new Map<Declaration, Readonly<Record<string, unknown>>>();
  const problems: string[] = [];
  for (const one of declared) {
    const fitting: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(one.env ?? {})) {
      const parsed = schema.safeParse(environment[name]);
      if (parsed.success) fitting[name] = parsed.data;
      else problems.push(...parsed.error.issues.map(({ message }) => `${name}: ${message}`));
    }
    problems.push(...travelsReadable(environment, one), ...(one.contradictions?.(fitting) ?? []));
    values.set(one, redacted(fitting, ...secretsOf(one)));
  }
  // Two parts may need the same variable.
  return { values, problems: unique(problems) };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
