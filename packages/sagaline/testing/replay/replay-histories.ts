import { fileURLToPath } from 'node:url';
import { cachedBundle, type SagaBundle } from '../bundle-cache.ts';
import { waitingPointsOf } from './cut.ts';
import { readHistories } from './histories.ts';
import { HistoriesDoNotFit } from './problems.ts';
import { replayEach, type ReplayFailure } from './replayer.ts';

/** Which histories of the folder, and which bundle of the sagas. */
export interface ReplayOptions {
  /** The sagas' bundle, where there is one already; made of the folder, and kept, unless told. */
  readonly bundle?: SagaBundle;
}

/** What was replayed, when all of it fits. */
export interface ReplayReport {
  /** Names of the histories. */
  readonly histories: readonly string[];
  /** How many replays that were: each history to its end, and as far as it had come at each moment at which its saga waited. */
  readonly replays: number;
}

/**
 * Replays every history of a folder against the sagas as they are now, without any server. A saga in flight is such a history:
 * one that does not fit would stop where it is when this code is deployed.
 *
 * @example
 * import { replay } from 'sagaline/testing';
 * import { test } from 'vitest';
 *
 * test('sagas in flight go on', () =>
 *   replay(new URL('../workflows/', import.meta.url), new URL('./histories/', import.meta.url)));
 * @throws HistoriesDoNotFit saying which, where, and what to do; NothingToReplay when there is none: a check of nothing is no check
 */
export async function replay(sagas: URL, histories: URL, { bundle }: ReplayOptions = {}): Promise<ReplayReport> {
  const recorded = await readHistories(fileURLToPath(histories));
  const all = recorded.flatMap((history) => [history, ...waitingPointsOf(history)]);
  const failures = new Map<string, ReplayFailure>();
  for await (const { of, failure } of replayEach(bundle ?? (await cachedBundle(sagas)), all)) {
    if (failure) failures.set(of.name, failure);
  }
  if (failures.size > 0)
    throw new HistoriesDoNotFit(
      messageOn(
        failures,
        recorded.map(({ name }) => name),
      ),
    );
  return { histories: recorded.map(({ name }) => name), replays: all.length };
}

function messageOn(failures: ReadonlyMap<string, ReplayFailure>, names: readonly string[]): string {
  // Where the whole does not fit, its beginnings do not either: once is enough.
  const told = names.flatMap((name) => {
    const [first] = [...failures].filter(([failed]) => failed === name || failed.startsWith(`${name}, event `));
    return first ? [first] : [];
  });
  const kinds = new Set(told.map(([, { kind }]) => kind));
  return [
    `${told.length} of ${names.length} histories do not fit the sagas as they are now: where this is deployed, sagas in flight stop.`,
    ...told.map(([name, failure]) => lineOn(name, failure)),
    ...[...kinds].map((kind) => ADVICE[kind]),
    'Never change or delete a history to make it pass: it stands for sagas that run somewhere right now.',
  ].join('\n');
}

function lineOn(name: string, { kind, where, message }: ReplayFailure): string {
  return `  ${name}: ${kind}${where === undefined ? '' : ` at ${where}`}\n    ${message.replaceAll('\n', '\n    ')}`;
}

const ADVICE: Readonly<Record<ReplayFailure['kind'], string>> = {
  'determinism violation':
    'A determinism violation: steps, their participants or timers changed. If that was not meant, undo it. If it was, keep the old way ' +
    "for sagas in flight: patched('<what changes>') of @temporalio/workflow is true for those that come there for the first time.",
  broken:
    'Broken: the code threw, or no saga of that name is exported from a file <name>.saga.ts of the folder any more.',
};
