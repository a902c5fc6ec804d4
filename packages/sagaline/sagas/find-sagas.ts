/** The sagas of an application, by their folder: every file `<name>.saga.ts` in it, and no other list. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SagaRegistration } from '../kernel/definition.ts';
import { CannotStart } from '../ground/lifecycle.ts';

/** As in saga-entry.cjs, which makes the bundle of the same files. */
const SAGA_FILE = /\.saga\.[jt]s$/;

/** The folder's files are not what sagas must be; the message says which, and what to do. */
export class InvalidSagas extends CannotStart {
  override readonly name = 'InvalidSagas';
}

/**
 * Imports the folder's saga files and reads what they register, in the order of file names and theirs.
 *
 * @param folder such as `new URL('./workflows/', import.meta.url)`; folders in it are not looked into
 * @throws InvalidSagas when there are none, two have one name, or an export is not named like its saga
 */
export async function findSagas(folder: URL): Promise<SagaRegistration[]> {
  const directory = fileURLToPath(folder);
  const files = await sagaFiles(directory);
  const found = await Promise.all(files.map((file) => sagasIn(directory, file)));
  const fileOf = new Map<string, string>();
  for (const [index, sagas] of found.entries()) {
    for (const { name } of sagas) {
      const file = files[index] ?? '';
      const other = fileOf.get(name);
      if (other !== undefined)
        throw new InvalidSagas(`two sagas are named ${name}, in ${other} and ${file}: rename one`);
      fileOf.set(name, file);
    }
  }
  return found.flat();
}

async function sagaFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory).catch((cause: unknown) => {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new InvalidSagas(`the folder of the sagas, ${directory}, cannot be read: ${reason}`, { cause });
  });
  const files = entries.filter((name) => SAGA_FILE.test(name)).sort();
  if (files.length > 0) return files;
  throw new InvalidSagas(`there is no saga in ${directory}: a saga stands in a file <name>.saga.ts`);
}

async function sagasIn(directory: string, file: string): Promise<SagaRegistration[]> {
  const exported = (await import(pathToFileURL(join(directory, file)).href)) as Readonly<Record<string, unknown>>;
  const sagas = Object.entries(exported).flatMap(([name, value]) => {
    if (typeof value !== 'function' || !('saga' in value)) return [];
    const saga = value.saga as SagaRegistration;
    // The client starts a workflow by its saga's name, the worker knows it by its export's.
    if (saga.name === name) return [saga];
    throw new InvalidSagas(`${file} exports saga ${saga.name} as ${name}: both names must be equal`);
  });
  if (sagas.length > 0) return sagas.sort((a, b) => (a.name < b.name ? -1 : 1));
  throw new InvalidSagas(`${file} exports no saga: export what defineSaga returns, under the saga's name`);
}
