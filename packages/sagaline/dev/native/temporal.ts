import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../contracts/saga.ts';
import { allAnswer, httpAnswers, temporalAnswers } from '../health/checks.ts';
import type { TemporalTools } from '../tools/temporal.ts';
import type { NativeContext } from './context.ts';
import type { ServerSpec } from './server.ts';

export const NAMESPACE = 'default';

/** What the dev server is told wherever it runs. */
export const DEV_SERVER = [
  ...['server', 'start-dev', '--log-level', 'warn'],
  // A workflow whose task fails is reported after the second time, some ten seconds, and not after the fifth.
  ...['--dynamic-config-value', 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2'],
  ...Object.values(SEARCH_ATTRIBUTES).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
];

/** The dev server with its UI. In memory by default: a SQLite file made the same workload 2.7 times slower. */
export function temporalServer(tools: TemporalTools, { ports, stateDirectory, persist }: NativeContext): ServerSpec {
  const address = `127.0.0.1:${ports.temporal}`;
  return {
    name: 'temporal',
    command: tools.cli,
    args: [
      ...DEV_SERVER,
      ...['--ip', '127.0.0.1', '--port', String(ports.temporal), '--ui-port', String(ports.temporalUi)],
      ...(persist ? ['--db-filename', join(stateDirectory, 'temporal.db')] : []),
    ],
    answers: allAnswer(temporalAnswers({ address }, NAMESPACE), httpAnswers(`http://127.0.0.1:${ports.temporalUi}/`)),
  };
}
