/**
 * Tells one process from a later one that got the same pid. Plain JavaScript: the bootstrap needs it before there is a
 * node_modules. Types: process-identity.d.mts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const PROC = existsSync('/proc/self/stat');

export function identityOf(pid) {
  try {
    return PROC ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, identity }) {
  return identityOf(pid) === identity;
}

/** Boot id and start time in clock ticks since that boot: field 22 of stat, counted behind the command's last bracket. */
function fromProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie keeps its pid until somebody reaps it, but it serves nobody.
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${fields[19]}`;
}

function fromPs(pid) {
  const answer = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [state, ...started] = answer.split(/\s+/);
  return state?.startsWith('Z') ? undefined : started.join(' ') || undefined;
}
