import { existsSync } from 'node:fs';
import { run, versionOf } from '../../../packages/sagaline/dev/tools/run.ts';

/** Packages that the engine and the stand-ins are made with, and the command that each brings. */
const PACKAGES = [
  ['docker.io', 'dockerd'],
  ['debootstrap', 'debootstrap'],
  ['iptables', 'iptables'],
] as const;

const ADVICE = 'install Docker yourself: https://docs.docker.com/engine/install';

/** Installs Debian's Docker engine, if it is missing. @throws with one line that says why it cannot */
export async function installEngine(report: (message: string) => void): Promise<void> {
  if (process.platform !== 'linux') throw new Error(`no Docker engine answers; ${ADVICE}`);
  if (process.getuid?.() !== 0) {
    throw new Error(`no Docker engine answers, and only root can start one here: start it, or ${ADVICE}`);
  }
  const missing: string[] = [];
  for (const [name, command] of PACKAGES) if (!(await versionOf(command, ['--version']))) missing.push(name);
  if (missing.length === 0) return;
  if (!existsSync('/etc/debian_version'))
    throw new Error(`no Docker engine answers, and this is not Debian; ${ADVICE}`);
  report(`installing ${missing.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  } catch (error) {
    const [, ...said] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`no Docker engine answers, and apt-get cannot install one: ${said.at(-1) ?? ''}`, { cause: error });
  }
}
