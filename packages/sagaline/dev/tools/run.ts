import { execFile } from 'node:child_process';

/** A command that ended badly, with the end of what it said. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

const TAIL_CHARS = 2_000;

/** Runs a command to its end and returns what it printed. @throws CommandFailed */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (!error) resolve(output);
      else {
        const tail = output.slice(-TAIL_CHARS);
        reject(new CommandFailed(`${command} ${args.join(' ')} failed:\n${tail || error.message}`, { cause: error }));
      }
    });
  });
}

/** The version that a command tells about itself, or undefined if it cannot be run. */
export async function versionOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const output = await run(command, args);
    return /\d+(\.\d+)*/.exec(output)?.[0];
  } catch {
    return undefined;
  }
}
