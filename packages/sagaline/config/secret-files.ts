import { readFileSync, statSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that hold a secret, or a URL with one. Each may come from a file: `<NAME>_FILE`, as Docker and Kubernetes mount them. */
export const SECRETS = ['API_KEYS', 'DATABASE_URL', 'KAFKA_SASL_PASSWORD', 'TEMPORAL_API_KEY'] as const;

const MAX_FILE_BYTES = 64 * 1024;

/** The environment with what is in the secrets' files, and what is wrong with these; never what they say. */
export function withSecretFiles(
  environment: Environment,
  names: readonly string[] = SECRETS,
): { env: Environment; problems: string[] } {
  const env: Record<string, string | undefined> = { ...environment };
  const problems: string[] = [];
  for (const name of names) {
    const file = environment[`${name}_FILE`];
    if (file === undefined) continue;
    if (environment[name] !== undefined) problems.push(`${name}_FILE: set this or ${name}, not both`);
    const content = readSmallFile(file);
    const secret = content.bytes?.toString('utf8').trim();
    if (secret) env[name] ??= name === 'API_KEYS' ? secret.split(/\s*[\r\n]+\s*/).join(',') : secret;
    else problems.push(`${name}_FILE: ${content.problem ?? `${file} is empty`}`);
  }
  return { env, problems };
}

/** A file that is named in the environment. The problem says which, and not what is in it. */
export function readSmallFile(path: string): { readonly bytes?: Buffer; readonly problem?: string } {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return { problem: `${path} has more than ${MAX_FILE_BYTES} bytes` };
    return { bytes: readFileSync(path) };
  } catch (error) {
    return { problem: `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}` };
  }
}
