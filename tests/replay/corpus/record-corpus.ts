/** Records every outcome that each saga can have: real servers, real participants, the sandbox at the far end. */
import { startEphemeralStack } from '../../../stack/ephemeral.ts';
import { addHistory, historyText } from '../../../packages/sagaline/testing/replay/add-history.ts';
import { historyNames, type NamedHistory } from '../../../packages/sagaline/testing/replay/histories.ts';
import { HISTORIES } from '../support/corpus.ts';
import { lackingIn, outcomeNamed } from '../support/outcomes.ts';
import { HistoryExists, InvalidName } from '../../../packages/sagaline/testing/replay/problems.ts';
import { alerts } from './alerts.ts';
import { orders } from './orders.ts';
import { startSaga } from './running-saga.ts';
import type { Scenario } from './scenario.ts';
import { openServers, type Servers } from './servers.ts';
import { signups } from './signups.ts';

export interface RecordCorpusOptions {
  readonly replace?: boolean;
  /** Added to each name after a dot. */
  readonly suffix?: string;
  /** Only outcomes of which the corpus has no history yet. */
  readonly missing?: boolean;
  readonly report: (message: string) => void;
}

const scenarios: Readonly<Record<string, Scenario>> = { ...orders, ...signups, ...alerts };

/**
 * Records on servers of its own, and adds all histories or, when one of them is not what it should be, none.
 *
 * @returns the files
 * @throws HistoryExists before anything is started
 */
export async function recordCorpus({
  replace = false,
  suffix,
  missing,
  report,
}: RecordCorpusOptions): Promise<string[]> {
  const fileNameOf = (outcome: string) => (suffix === undefined ? outcome : `${outcome}.${suffix}`);
  if (suffix !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(suffix)) {
    throw new InvalidName('a suffix is letters, digits, dots, underscores and hyphens');
  }
  const present = new Set(await historyNames(HISTORIES));
  const chosen = Object.entries(scenarios).filter(([name]) => !missing || !present.has(fileNameOf(name)));
  refuseToOverwrite(
    chosen.map(([name]) => fileNameOf(name)).filter((name) => present.has(name)),
    replace,
  );

  report('starting servers');
  const stack = await startEphemeralStack({ name: 'record' });
  try {
    const servers = await openServers(stack.addresses);
    const recorded = await recordAll(chosen, servers, report).finally(() => servers.close());
    for (const { name, history } of recorded) historyText(fileNameOf(name), history);
    const files: string[] = [];
    for (const { name, history } of recorded)
      files.push(await addHistory(fileNameOf(name), history, { directory: HISTORIES, replace }));
    return files;
  } finally {
    await stack.down();
  }
}

function refuseToOverwrite(taken: readonly string[], replace: boolean): void {
  if (taken.length > 0 && !replace) throw new HistoryExists(taken);
}

async function recordAll(
  all: readonly [string, Scenario][],
  servers: Servers,
  report: (message: string) => void,
): Promise<NamedHistory[]> {
  const record = async ([name, scenario]: [string, Scenario]) => {
    const history = await recordOne(name, scenario, servers);
    report(`${name}: ${history.history.events?.length ?? 0} events`);
    return history;
  };
  const together = await Promise.allSettled(all.filter(([, { alone }]) => !alone).map(record));
  const failures = together.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  const recorded = together.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const scenario of all.filter(([, { alone }]) => alone)) recorded.push(await record(scenario));
  return recorded;
}

async function recordOne(
  name: string,
  { saga: toStart, before, meanwhile }: Scenario,
  servers: Servers,
): Promise<NamedHistory> {
  await before?.(servers);
  const saga = await startSaga(servers, toStart);
  await meanwhile?.(saga, servers);
  const history = await saga.history();
  const outcome = outcomeNamed(name);
  const lacking = outcome ? lackingIn(history, outcome) : ['no outcome is of that name'];
  if (lacking.length > 0) throw new Error(`what was recorded is not ${name}: ${lacking.join('; ')}`);
  return { ...history, name };
}
