import { expect, secondsSince, summary, type Act, type ActWorld } from './act.ts';

const ACTIVITIES = 10_000;
/** A killed member's partitions are free when its session ends, ten seconds later. */
const WITHIN_MS = 60_000;

export const killedStatistics: Act = {
  name: 'killed-statistics',
  story: `the statistics are killed (kill -9), ${ACTIVITIES.toLocaleString('en')} activities come, they start again: totals exact`,
  async play(world) {
    const { run, until, pipeline, produceAll } = world;
    const pid = pipeline?.pid();
    if (pid === undefined) return 'left out: the pipeline is not ours to kill';
    const action = `clicked-${run}`;
    const send = (count: number) => {
      const values = Array.from({ length: count }, (_, index) => {
        const userId = `v-${run}-${index % 100}`;
        return { key: userId, value: JSON.stringify({ userId, action }) };
      });
      return produceAll('user.activity', values);
    };
    // Some before the kill, so that it dies at work.
    await send(ACTIVITIES / 10);
    process.kill(pid, 'SIGKILL');
    const began = performance.now();
    await send(ACTIVITIES - ACTIVITIES / 10);
    const count = await until(
      'the exact total',
      async () => {
        const counted = await countOf(world, action);
        return counted >= ACTIVITIES ? counted : undefined;
      },
      WITHIN_MS,
    );
    expect(count === ACTIVITIES, `${count} counted, ${ACTIVITIES} produced`);
    return `${ACTIVITIES} produced, ${count} counted, ${secondsSince(began)} after the kill`;
  },
};

async function countOf(world: ActWorld, action: string): Promise<number> {
  const { actions } = (await summary(world)).activity;
  return actions.find((one) => one.action === action)?.count ?? 0;
}
