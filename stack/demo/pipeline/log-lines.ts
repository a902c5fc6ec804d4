import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, secondsSince, type Act, type ActWorld } from './act.ts';

const LINES = 1_000;
const PAGE = 100;

interface Found {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor?: string;
}

export const logLines: Act = {
  name: 'log-lines',
  story: `${LINES.toLocaleString('en')} log lines, written by kcat: searchable a second later`,
  async play(world) {
    const { run, until, get } = world;
    const service = `shop-${run}`;
    const lines = Array.from({ length: LINES }, (_, index) => {
      const message = index === LINES - 1 ? `parcel${run} shipped last${run}` : `parcel${run} shipped, number ${index}`;
      return JSON.stringify({ service, level: 'info', message, at: new Date().toISOString() });
    });
    const how = await produce(world, service, lines);
    const began = performance.now();
    const found = await until('the last line in the search', async () => {
      const { items } = await get<Found>(`/v1/search?kind=log&q=last${run}`);
      return items.length > 0 ? secondsSince(began) : undefined;
    });
    const ids = new Set<string>();
    for (let cursor = ''; ;) {
      const page = await get<Found>(`/v1/search?kind=log&q=parcel${run}&limit=${PAGE}${cursor}`);
      for (const { id } of page.items) ids.add(id);
      if (page.nextCursor === undefined) break;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    expect(ids.size === LINES, `${ids.size} of ${LINES} lines are found`);
    return `${how}; the last one found after ${found}, all ${LINES} by the same word`;
  },
};

/** By kcat, where it is installed: a producer that knows nothing of us. */
async function produce({ addresses, produceAll }: ActWorld, key: string, lines: readonly string[]): Promise<string> {
  const kcat = spawn('kcat', ['-b', addresses.kafkaBrokers, '-P', '-t', 'service.log', '-k', key], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(kcat, 'exit').catch(() => [-1]) as Promise<[number | null]>;
  kcat.stdin.on('error', () => undefined);
  kcat.stdin.end(`${lines.join('\n')}\n`);
  const [code] = await ended;
  if (code === 0) return 'sent by kcat';
  await produceAll(
    'service.log',
    lines.map((value) => ({ key, value })),
  );
  return 'sent by our own producer, for there is no kcat here';
}
