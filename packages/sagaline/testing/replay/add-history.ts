import { mkdir, writeFile } from 'node:fs/promises';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { cleanJson } from './clean.ts';
import { fileOf, hasCode } from './histories.ts';
import { personalDataIn } from './personal-data.ts';
import { HistoryExists, InvalidName, PersonalData } from './problems.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/;

export interface AddOptions {
  readonly directory: string;
  /** Writes over a history of that name: for a kernel that nobody runs yet. */
  readonly replace?: boolean;
}

/** A file's name for a workflow: `orderSaga:o-1` becomes `orderSaga-o-1`. */
export function nameFor(workflowId: string): string {
  return workflowId.replace(/[^A-Za-z0-9._-]/g, '-');
}

/**
 * Adds a history to a folder, cleaned (see clean.ts).
 *
 * @returns the file's path
 * @throws InvalidName, PersonalData, HistoryExists
 */
export async function addHistory(
  name: string,
  history: History,
  { directory, replace = false }: AddOptions,
): Promise<string> {
  const text = historyText(name, history);
  const file = fileOf(name, directory);
  await mkdir(directory, { recursive: true });
  await writeFile(file, text, { flag: replace ? 'w' : 'wx' }).catch((error: unknown) => {
    if (hasCode(error, 'EEXIST')) throw new HistoryExists([name]);
    throw error;
  });
  return file;
}

/** What the file will hold. @throws InvalidName, PersonalData */
export function historyText(name: string, history: History): string {
  if (!NAME.test(name)) throw new InvalidName('a name is letters, digits, dots, underscores and hyphens');
  const json = cleanJson(history);
  const found = personalDataIn(json);
  if (found.length > 0) {
    const lines = found.map(({ path, what }) => `  - ${what} at ${path}`);
    throw new PersonalData(`${name} may be about a real person, and is not added:\n${lines.join('\n')}`);
  }
  return `${JSON.stringify(json, null, 2)}\n`;
}
