import type { Kafka } from '../../packages/sagaline/kafka/port.ts';
import { turn, TURN } from './mix.ts';

/** Turns of one send. */
const AT_ONCE = 50;

/** Puts records of the mix onto their topics. */
export async function fill(kafka: Kafka, run: string, events: number): Promise<void> {
  const producer = await kafka.createProducer();
  const turns = Math.ceil(events / TURN);
  for (let at = 0; at < turns; at += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, turns - at) }, (_, index) => at + index);
    await producer.send(indexes.flatMap((index) => turn(run, index)));
  }
  await producer.close();
}

/** Records that the topics hold, as the broker says. */
export async function recordsOn(kafka: Kafka, topics: readonly string[]): Promise<number> {
  const partitions = (await Promise.all(topics.map((topic) => kafka.offsetsOf(topic)))).flat();
  return Number(partitions.reduce((sum, { low, high }) => sum + high - low, 0n));
}
