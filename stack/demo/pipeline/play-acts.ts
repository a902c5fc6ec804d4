import { isServed, type Act, type ActWorld } from './act.ts';
import { killedStatistics } from './killed-statistics.ts';
import { logLines } from './log-lines.ts';
import { rebuilt } from './rebuilt.ts';
import { signUp } from './sign-up.ts';

/** What became of one act; `problem` is absent when it ended as its story says. */
export interface PlayedAct {
  readonly name: string;
  readonly story: string;
  readonly seen: string;
  readonly problem?: string;
}

const ACTS: readonly Act[] = [signUp, logLines, killedStatistics, rebuilt];

/** Plays what the pipeline does with events, one act after the other; none where no pipeline has run. */
export async function playActs(world: ActWorld, say: (text: string) => void): Promise<PlayedAct[]> {
  if (!(await isServed(world))) {
    say('\nno pipeline runs (npm run pipeline): what it does with events is left out');
    return [];
  }
  say(`\nplaying ${ACTS.length} acts of the pipeline\n`);
  const played: PlayedAct[] = [];
  for (const act of ACTS) {
    const result = await playAct(act, world);
    played.push(result);
    say(`  ${result.problem === undefined ? '✔' : '✘'} ${result.name.padEnd(20)} ${result.story}`);
    say(`      ${result.problem ?? result.seen}`);
  }
  return played;
}

async function playAct(act: Act, world: ActWorld): Promise<PlayedAct> {
  const { name, story } = act;
  try {
    return { name, story, seen: await act.play(world) };
  } catch (error) {
    return { name, story, seen: '', problem: `PROBLEM: ${error instanceof Error ? error.message : String(error)}` };
  }
}
