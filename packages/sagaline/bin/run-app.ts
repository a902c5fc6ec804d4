import { run } from '../app/run.ts';
import { appFileOf, loadApp } from './app-file.ts';

/** One command of the application in this very process, so that signals, exit code and pid are its own. */
export async function runApp(argv: readonly string[]): Promise<void> {
  endWithParent();
  const { file, rest } = appFileOf(argv);
  await run(await loadApp(file), rest);
}

/** Under `sagaline dev` we are in no terminal's process group: when it is killed, nobody else would tell us. */
function endWithParent(): void {
  if (!process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
