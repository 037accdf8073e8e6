import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { etudeVersion } from '../src/package-folder.ts';

/** What a figure was measured on: figures of different machines cannot be compared, nor those of different versions. */
export interface Machine {
  cpu: string;
  /** The cores that this process may use. */
  cores: number;
  memoryGB: number;
  os: string;
  node: string;
  v8: string;
  etude: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    etude: etudeVersion(),
  };
}

/** How busy the machine was with other things. */
export interface Load {
  /** The system's load average over a minute when the measurement began and when it ended, ours included. */
  before: number;
  after: number;
  /** The cores that other processes used on average meanwhile; null where the system does not tell. */
  others: number | null;
}

/**
 * Begins to watch how busy the machine is.
 *
 * @returns to be called when the measurement has ended, with the processor seconds of other processes that belong to it
 */
export function watchLoad(): (childSeconds?: number) => Load {
  const before = loadavg()[0];
  const all = machineSeconds();
  const own = processSeconds();
  const began = performance.now();
  return (childSeconds = 0) => {
    const elapsed = (performance.now() - began) / 1000;
    const now = machineSeconds();
    const ours = processSeconds() - own + childSeconds;
    const others = all === null || now === null ? null : Math.max(0, now - all - ours) / elapsed;
    return { before, after: loadavg()[0], others: others === null ? null : Math.round(others * 1000) / 1000 };
  };
}

/** The processor seconds that this process has used, all its threads together. */
export function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The processor seconds of the processes that this one has started and that have ended, where Linux tells; else 0. */
export function endedChildSeconds(): number {
  try {
    // The name of the program comes first, in brackets, and may have anything in it.
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    return (fields[13] + fields[14]) / TICKS;
  } catch {
    return 0;
  }
}

/** The processor seconds that a process has used, where Linux tells; 0 elsewhere, and of one that has ended. */
export function secondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
    return (user + system) / TICKS;
  } catch {
    return 0;
  }
}

/** Others using more of a core than this disturb what is measured. */
export const QUIET = 0.1;

/** Ticks a second of /proc/stat: the same on every Linux that Node runs on. */
const TICKS = 100;

/** The processor seconds that all processes have used since the start, and other machines on the same host, where Linux tells. */
function machineSeconds(): number | null {
  try {
    const ticks = readFileSync('/proc/stat', 'utf8').split(/\s+/).slice(1, 9).map(Number);
    const [user, nice, system, , , irq, softirq, steal] = ticks;
    return (user + nice + system + irq + softirq + steal) / TICKS;
  } catch {
    return null;
  }
}
