/** sagaline far-end: the practice far end as a process of its own, such as a container. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startPracticeFarEnd } from './far-end.ts';

export async function farEnd(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { port: text, host: text, file: text } });
  const { port, ...rest } = values;
  const started = await startPracticeFarEnd({ ...rest, ...(port === undefined ? {} : { port: Number(port) }) });
  process.stdout.write(`far end: ${started.url}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await started.close();
}
