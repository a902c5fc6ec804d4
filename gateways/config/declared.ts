/** Variables that a part of the application declares where it uses them, such as a participant or a projection. */
import type { z } from 'zod';
import { redacted } from './redacted.ts';
import type { Environment } from './secret-files.ts';

/** A schema by variable. It is given text, or undefined where the variable is absent or empty. */
export type EnvSchemas = Readonly<Record<string, z.ZodType>>;
export type EnvOf<Schemas extends EnvSchemas> = { readonly [Name in keyof Schemas]: z.output<Schemas[Name]> };

/** What a part says of its variables. */
export interface Declaration<Schemas extends EnvSchemas = EnvSchemas> {
  readonly env?: Schemas;
  /**
   * Problems of variables that fit one by one and not together, as `NAME: what to do`; asked also when others do not fit, which
   * are absent then, so that all problems are told at once.
   */
  readonly contradictions?: (env: Partial<EnvOf<Schemas>>) => readonly string[];
}

const secrets = new WeakSet<z.ZodType>();

/**
 * Says that a variable holds a secret, or a URL with one: it may come from a file, too, `<NAME>_FILE`, as Docker and Kubernetes
 * mount them. Put it around the whole schema.
 *
 * @example env: { GIFT_CARD_API_KEY: secret(z.string().min(16).optional()) }
 */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  // A copy, because the same schema may stand for what is no secret elsewhere.
  const marked = schema.clone();
  secrets.add(marked);
  return marked;
}

/** Names of the variables that hold secrets, of all declarations. */
export const secretsIn = (declared: readonly Declaration[]): string[] =>
  unique(declared.flatMap(({ env = {} }) => Object.keys(env).filter((name) => env[name] && secrets.has(env[name]))));

/** Names of all variables that are declared. */
export const variablesIn = (declared: readonly Declaration[]): string[] =>
  unique(declared.flatMap(({ env = {} }) => Object.keys(env)));

/** Values by declaration. */
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
    problems.push(...(one.contradictions?.(fitting) ?? []));
    values.set(one, redacted(fitting, ...secretsIn([one])));
  }
  // Two parts may need the same variable.
  return { values, problems: unique(problems) };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
