/** Variables that a part of the application declares where it uses them, such as a participant or a projection. */
import type { z } from 'zod';

/** A schema by variable. It is given text, or undefined where the variable is absent or empty. */
export type EnvSchemas = Readonly<Record<string, z.ZodType>>;
/** The values of declared variables, as their schemas read them. */
export type EnvOf<Schemas extends EnvSchemas> = { readonly [Name in keyof Schemas]: z.output<Schemas[Name]> };

/** No variables at all: a name that was not declared does not compile. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- it is meant
export type NoEnv = Readonly<Record<never, z.ZodType>>;

/** What a part says of its variables. */
export interface Declaration<Schemas extends EnvSchemas = EnvSchemas> {
  /** Its variables; all problems are told at once when a process starts. */
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
 * mount them. Put it around the whole schema. A secret `<X>_…` whose part also declares a URL `<X>_URL` goes there: in clear text
 * to another machine it is refused.
 *
 * @example
 * import { fields, secret } from 'sagaline';
 *
 * export const env = { GIFT_CARD_URL: fields.httpUrl, GIFT_CARD_API_KEY: secret(fields.apiKey.optional()) };
 */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  // A copy, because the same schema may stand for what is no secret elsewhere.
  const marked = schema.clone();
  secrets.add(marked);
  return marked;
}

/** Names of the variables that hold secrets. */
export const secretsOf = ({ env = {} }: Declaration): string[] =>
  Object.entries(env).flatMap(([name, schema]) => (secrets.has(schema) ? [name] : []));
