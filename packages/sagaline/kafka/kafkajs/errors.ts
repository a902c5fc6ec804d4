import { KafkaUnavailable, RecordsRefused } from '../errors.ts';

/** Answers of a broker that are about the records or their topic, not about the broker's state. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_REQUIRED_ACKS',
  'POLICY_VIOLATION',
]);

/** The chain of causes, outermost first: kafkajs wraps what happened in what its retrier made of it. */
function* causes(error: unknown): Generator<Error> {
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    yield at;
  }
}

/** Kafka's protocol code in an error or its causes, such as UNKNOWN_TOPIC_OR_PARTITION. */
export function protocolCode(error: unknown): string | undefined {
  for (const cause of causes(error)) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  }
  return undefined;
}

/** True for failures that are the network's or the cluster's: connections, time-outs, elections. */
export function isRetriable(error: unknown): boolean {
  const silence = error instanceof KafkaUnavailable && error.cause === undefined;
  return silence || [...causes(error)].some((cause) => isOutage(cause));
}

function isOutage(cause: Error): boolean {
  // kafkajs calls it final, and throws it when no broker could be asked: a cluster that has just started, or is away.
  if (cause.name === 'KafkaJSGroupCoordinatorNotFound') return true;
  return 'retriable' in cause && cause.retriable === true;
}

/** What an operator reads: the protocol code where there is one, else the innermost error. */
export function reasonOf(error: unknown): string {
  return protocolCode(error) ?? [...causes(error)].at(-1)?.message ?? String(error);
}

/** Makes one of the port's typed errors out of a failed send. */
export function sendFailure(topics: readonly string[], error: unknown): KafkaUnavailable | RecordsRefused {
  const code = protocolCode(error);
  if (code && REFUSALS.has(code)) return new RecordsRefused(topics, code, { cause: error });
  return new KafkaUnavailable('acknowledge records', reasonOf(error), { cause: error });
}
