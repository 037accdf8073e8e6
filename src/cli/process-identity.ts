import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process: enough to tell later whether it still runs, though its number may have been given to another. */
export interface ProcessIdentity {
  pid: number;
  host: string;
  /**
   * The name space that the number counts in, where the system has such: two containers can share a host name and count
   * from 1 both.
   */
  space: string | null;
  /** When the process began, in whatever words the system has for it; null where it does not tell. */
  started: string | null;
}

/** Whether a process still runs; `unknown` when it is of another machine or container, and cannot be looked at from here. */
export type Life = 'runs' | 'gone' | 'unknown';

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), space: ownSpace(), started: startOf(process.pid) };
}

/** Whether the process that wrote down its identity still runs. A reused number does not pass for it. */
export function lifeOf({ pid, host, space, started }: ProcessIdentity): Life {
  if (host !== hostname() || space !== ownSpace()) return 'unknown';
  const start = startOf(pid);
  if (!hasProcess(pid) || start === ENDED) return 'gone';
  return start !== null && started !== null && start !== started ? 'gone' : 'runs';
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, and belongs to somebody else.
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The start of a process that has ended, but of which its parent has yet to take notice. */
const ENDED = 'ended';

/** When a process began; null where there is none, or the system does not say. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') return startOnLinux(pid);
    if (process.platform === 'win32') return null;
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    const words = ['-o', 'lstart=', '-p', String(pid)];
    return (
      execFileSync('/bin/ps', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env }).trim() || null
    );
  } catch {
    return null;
  }
}

/** The boot, and the ticks since it (proc(5), `starttime`). */
function startOnLinux(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the name, which may hold anything, brackets and spaces too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (/^[ZX]/.test(fields[0])) return ENDED;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${fields[19]}`;
}

function ownSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
