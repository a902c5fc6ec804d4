/** A folder of histories: what sagas really did, as a Temporal server recorded it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historyFromJson } from './history-json.ts';
import { NothingToReplay } from './problems.ts';

/** A history and what it says of itself. */
export interface NamedHistory {
  /** The file's name without `.json`; the workflow id where there is no file. */
  readonly name: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Workflow type. */
  readonly saga: string;
  readonly history: History;
}

/** A history without a workflow task, of a start that is put off, has nothing to replay: the replayer would wait for ever. */
export function hasBegun({ events }: History): boolean {
  return (events ?? []).some((event) => event.workflowTaskScheduledEventAttributes);
}

/** @throws TypeError when the first event does not start a workflow, or nothing follows */
export function named(history: History, name?: string): NamedHistory {
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const { workflowId, originalExecutionRunId: runId, workflowType } = started ?? {};
  if (!workflowId || !runId || !workflowType?.name) {
    throw new TypeError(`${name ?? 'the history'} does not begin with the start of a workflow`);
  }
  if (!hasBegun(history)) throw new TypeError(`${name ?? workflowId} has not begun: there is nothing to replay`);
  return { name: name ?? workflowId, workflowId, runId, saga: workflowType.name, history };
}

/** Every history of a directory, by name. @throws NothingToReplay when there is none: a check of nothing is no check */
export async function readHistories(directory: string): Promise<NamedHistory[]> {
  const names = await historyNames(directory);
  if (names.length === 0) throw new NothingToReplay(`there is no history in ${directory}`);
  return Promise.all(names.map(async (name) => named(await readHistory(fileOf(name, directory)), name)));
}

export async function historyNames(directory: string): Promise<string[]> {
  const files = await readdir(directory).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function fileOf(name: string, directory: string): string {
  return join(directory, `${name}.json`);
}

/** Of Node's file system errors. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function readHistory(file: string): Promise<History> {
  try {
    return historyFromJson(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new TypeError(`${file} is no history: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
