import type { StackAddresses } from 'sagaline/dev';
import type { Performance } from './perform.ts';
import type { Journey } from './play.ts';

/** One line per scene as it ends. */
export function lineOf({ id, story, outcome, problems }: Journey): string {
  const mark = problems.length === 0 ? '✔' : '✘';
  return `  ${mark} ${id.padEnd(30)} ${(outcome ?? 'no outcome').padEnd(22)} ${story}`;
}

/** What became of it, step by step. */
function journeyOf({ id, outcome, steps, events, ledger, temporalUrl, problems }: Journey): string {
  const lines = steps.map(({ name, state, attempts, compensation, compensationAttempts }) => {
    const undone = compensation ? `  undo: ${compensation}, ${times(compensationAttempts ?? 0)}` : '';
    return `      ${name.padEnd(14)}${state}, ${times(attempts)}${undone}`;
  });
  return [
    `  ${id} -> ${outcome ?? 'no outcome'}`,
    ...lines,
    `      on Kafka: ${events.join(', ') || 'a dead letter'}`,
    ...(ledger ? [`      ledger: captured ${ledger.captured}, refunded ${ledger.refunded} (minor units)`] : []),
    ...(temporalUrl ? [`      ${temporalUrl}`] : []),
    ...problems.map((problem) => `      PROBLEM: ${problem}`),
  ].join('\n');
}

/** All journeys, and whether each scene, and each act, ended as it says. */
export function verdictOf({ journeys, acts }: Performance, afterMs: number): { ok: boolean; text: string } {
  const ok = journeys.every(({ problems }) => problems.length === 0) && acts.every(({ problem }) => !problem);
  const seconds = (afterMs / 1000).toFixed(1);
  const verdict = ok
    ? `every scene ended as the scenario says, after ${seconds} s`
    : 'NOT every scene ended as the scenario says';
  // Said again at the end, which is all that is left of a long text.
  const failed = acts
    .flatMap(({ name, problem }) => (problem === undefined ? [] : [`\n  ${name}: ${problem}`]))
    .join('');
  return { ok, text: `\nWhat became of each\n\n${journeys.map(journeyOf).join('\n\n')}\n\n${verdict}${failed}` };
}

const times = (count: number) => (count === 1 ? '1 attempt' : `${count} attempts`);

/** Where everything is, and what to try next. */
export function invitation(addresses: StackAddresses, pid: number | undefined): string {
  const { gatewayUrl, temporalUiUrl, temporalNamespace, kafkaBrokers } = addresses;
  const parked = encodeURIComponent("SagaState='parked'");
  return `
Look around
  Temporal UI   ${temporalUiUrl}/namespaces/${temporalNamespace}/workflows
  parked sagas  ${temporalUiUrl}/namespaces/${temporalNamespace}/workflows?query=${parked}
  gateway       ${gatewayUrl}/v1/sagas   ${gatewayUrl}/openapi.json   ${gatewayUrl}/metrics
  Kafka         ${kafkaBrokers}
  sandbox       ${addresses.paymentUrl}/v1/ledger   ${addresses.smsUrl}/v1/mails

Send an order of your own
  echo '{"orderId":"o-1","customerId":"c-1","amount":1999,"currency":"EUR","items":[{"sku":"book","quantity":1,"unitPrice":1999}],"contact":{"email":"ada@customer.example"},"paymentMethod":{"token":"tok_slow_5000"}}' \\
    | sed 's/^/o-1|/' | kcat -b ${kafkaBrokers} -P -t order.created -K '|'

Kill the worker in the middle of that charge, and watch the saga go on in the process that takes its place
  kill -9 ${pid ?? '<pid>'}

Ctrl-C ends the demo.
`;
}
