/** Adding what a saga did to a folder of histories. */
import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { fileURLToPath } from 'node:url';
import { addHistory, nameFor } from './add-history.ts';
import { HistoryExists } from './problems.ts';

/** Where a history goes, and under which name. */
export interface RecordOptions {
  /** The folder. */
  readonly into: URL;
  /** The file's name without `.json`; made from the workflow id unless given. */
  readonly name?: string;
  /** The latest run unless given. */
  readonly runId?: string;
}

/**
 * Adds one history of a live namespace to a folder, without what tells of the machine that it was recorded on. Histories are
 * committed, so they hold synthetic data only: what looks like a real person is refused.
 *
 * @returns the file's path
 * @throws HistoryExists, InvalidName, PersonalData
 */
export async function recordHistory(
  client: Client,
  workflowId: string,
  { into, name = nameFor(workflowId), runId }: RecordOptions,
): Promise<string> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return await addHistory(name, history, { directory: fileURLToPath(into) });
}

/** Adds it where there is none of that name: histories are only ever added to. @throws InvalidName, PersonalData */
export async function recordOnce(name: string, history: History, into: URL): Promise<void> {
  try {
    await addHistory(name, history, { directory: fileURLToPath(into) });
  } catch (error) {
    if (!(error instanceof HistoryExists)) throw error;
  }
}
