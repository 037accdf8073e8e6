import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../results.ts';
import { median, summarise } from '../timing.ts';
import { VerificationError } from '../verification-error.ts';
import { PeerError, PeerProcess } from './peer-process.ts';
import { expectedOf, PEERS, shapeOfTask, TASK_WORDS, type Peer, type Task } from './tasks.ts';
import { writeWorkload } from './workload-file.ts';

/** Our time by a peer's, pair by pair of one round. */
export interface Ratio {
  min: number;
  median: number;
  max: number;
}

/** A peer at one task. */
export interface PeerRow extends Row {
  task: Task;
  peer: string;
  version: string;
  threads: number;
  /** The median of each round, in milliseconds. */
  rounds: number[];
  /** For each way of ours, by name: its time by this peer's. Below 1 we are faster. */
  ratios: Record<string, Ratio>;
  /** What was computed, and the largest difference from what should have been. */
  check: number[];
  difference: number;
}

export interface RaceOptions {
  task: Task;
  rounds: number;
  /** Of each peer in each round. */
  seconds: number;
  /** Only peers with this in their names, and our own. */
  only?: string;
  /** At the large task also the peers that need minutes for a step. */
  slow?: boolean;
  say(line: string): void;
}

/** The rows of a task, the processor seconds of all peers, and who did not take part. */
export interface RaceResult {
  rows: PeerRow[];
  childSeconds: number;
  missing: string[];
}

/**
 * Lets all peers do the same work in turns: round by round each is measured once, so that whatever the machine does it does to
 * all of them.
 * @throws VerificationError when one of them computes something else
 */
export async function race({ task, rounds, seconds, only = '', slow = false, say }: RaceOptions): Promise<RaceResult> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-peers-'));
  const { shape, lossSteps } = shapeOfTask(task);
  writeWorkload(folder, shape, lossSteps);
  const running: PeerProcess[] = [];
  const missing: string[] = [];
  try {
    for (const peer of chosen(task, only, slow)) {
      const started = await start(peer, task, folder, missing);
      if (!started) continue;
      running.push(started);
      say(`${peer.name}: ${started.introduction.name} ${started.introduction.version}, ready`);
      checkWork(task, started, running[0].introduction.check);
    }
    const times = running.map((): number[] => []);
    for (let round = 1; round <= rounds; round++) {
      for (const [index, each] of running.entries()) {
        // The first of a round is warm-up after the others' turns.
        if (round === 1) await each.measure(seconds / 2, 2);
        times[index].push(await each.measure(seconds, 3));
      }
      say(`${TASK_WORDS[task]}: round ${round} of ${rounds}`);
    }
    const childSeconds = running.reduce((sum, each) => sum + each.cpuSeconds(), 0);
    return { rows: rowsOf(task, running, times), childSeconds, missing };
  } finally {
    for (const each of running) each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function chosen(task: Task, only: string, slow: boolean): Peer[] {
  return PEERS.filter(({ name, tasks, command, slow: isSlow = false }) => {
    const wanted = command === 'etude' || name.includes(only);
    return wanted && tasks.includes(task) && (slow || task !== 'large' || !isSlow);
  });
}

async function start(peer: Peer, task: Task, folder: string, missing: string[]): Promise<PeerProcess | undefined> {
  try {
    return await PeerProcess.start(peer, task, folder);
  } catch (thrown) {
    if (!(thrown instanceof PeerError) || peer.command === 'etude') throw thrown;
    missing.push(thrown.message);
    return undefined;
  }
}

function checkWork(task: Task, { peer, introduction }: PeerProcess, ours: readonly number[]): void {
  const { numbers, tolerance } = expectedOf(task, ours);
  const difference = largestDifference(introduction.check, numbers);
  if (difference <= tolerance) return;
  throw new VerificationError(
    `${peer.name} does not do the same work: it computed ${introduction.check.join(', ')}, expected ${numbers.join(', ')} ` +
      `to ${tolerance}. Nothing was timed.`,
  );
}

/** NaN where the lengths differ or a number is none. */
function largestDifference(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return NaN;
  return Math.max(...found.map((number, index) => Math.abs(number - expected[index])));
}

function rowsOf(task: Task, running: readonly PeerProcess[], times: readonly number[][]): PeerRow[] {
  const { numbers } = expectedOf(task, running[0].introduction.check);
  return running.map(({ peer, introduction }, index) => {
    const ratios: Record<string, Ratio> = {};
    for (const [other, { peer: own }] of running.entries()) {
      if (own.command === 'etude') ratios[own.name] = ratioOf(times[other], times[index]);
    }
    return {
      id: `${TASK_WORDS[task]}, ${peer.name}`,
      task,
      peer: peer.name,
      version: introduction.version,
      threads: peer.threads,
      ...summarise(times[index]),
      rounds: times[index],
      ratios,
      check: introduction.check,
      difference: largestDifference(introduction.check, numbers),
    };
  });
}

/** The ratios of pairs of one round: their least, their median and their largest. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const ratios = ours.map((ms, round) => ms / theirs[round]);
  return { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) };
}
