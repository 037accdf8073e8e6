import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUIET, watchLoad } from '../machine.ts';
import type { MeasuredNode } from '../nodes.ts';
import type { Row } from '../results.ts';
import { median, summarise } from '../timing.ts';
import { VerificationError } from '../verification-error.ts';
import { PeerError, PeerProcess, type Measured, type RaceSetting } from './peer-process.ts';
import { expectedOf, peersOn, shapeOfTask, TASK_WORDS, type Peer, type Task } from './tasks.ts';
import type { TorchDescription, TorchSettings } from './torch-settings.ts';
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
  /** The Node that ran it, of PyTorch none. */
  node?: string;
  /** What PyTorch computed with. */
  runs?: TorchDescription;
  /** Does other work, of which only the time can be compared. */
  otherWork?: boolean;
  /** The median of each round, in milliseconds; the row's own median and marks are those of all samples. */
  rounds: number[];
  /** The cores that others used in the most disturbed round that counts; null where the system does not tell. */
  others: number | null;
  /** For each way of ours, by name: its time by this peer's. Below 1 we are faster. */
  ratios: Record<string, Ratio>;
  /** What was computed, and the largest difference from what should have been; null of other work. */
  check: number[];
  difference: number | null;
}

export interface RaceOptions {
  task: Task;
  /** Where the JavaScript peers run: our own engine on each, the others on the first. */
  nodes: readonly MeasuredNode[];
  /** Undefined where no Python has PyTorch. */
  torch?: TorchSettings;
  /** So many count: disturbed ones are repeated, up to half as many more, and the least disturbed kept. */
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
export async function race(options: RaceOptions): Promise<RaceResult> {
  const { task, torch, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'etude-peers-'));
  const { shape, lossSteps } = shapeOfTask(task);
  writeWorkload(folder, shape, lossSteps);
  const running: PeerProcess[] = [];
  const missing: string[] = [];
  try {
    for (const peer of chosen(options)) {
      const started = await start(peer, { task, dataFolder: folder, torch }, missing);
      if (!started) continue;
      running.push(started);
      say(`${peer.name}: ${started.introduction.name} ${started.introduction.version}, ready`);
      checkWork(task, started, running[0].introduction.check);
    }
    const kept = await quietestRounds(running, options);
    return { rows: rowsOf(task, running, kept), childSeconds: cpuSeconds(running), missing };
  } finally {
    for (const each of running) each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One turn of everybody. */
interface Round {
  measured: Measured[];
  others: number | null;
}

/** Measures everybody in turns until so many rounds were quiet; of more the least disturbed, in the order in which they were. */
async function quietestRounds(
  running: readonly PeerProcess[],
  { task, rounds, seconds, say }: RaceOptions,
): Promise<Round[]> {
  // The first turn is warm-up.
  for (const each of running) await each.measure(seconds / 2, 1);
  const made: Round[] = [];
  const isQuiet = ({ others }: Round): boolean => (others ?? 0) <= QUIET;
  while (made.filter(isQuiet).length < rounds && made.length < Math.floor(1.5 * rounds)) {
    const load = watchLoad();
    const before = cpuSeconds(running);
    const measured: Measured[] = [];
    for (const each of running) measured.push(await each.measure(seconds, LEAST_SAMPLES));
    const { others } = load(cpuSeconds(running) - before);
    made.push({ measured, others });
    say(`${TASK_WORDS[task]}: round ${made.length}; others used ${others ?? 'unknown'} cores`);
  }
  const least = made.toSorted((a, b) => (a.others ?? 0) - (b.others ?? 0)).slice(0, rounds);
  return made.filter((round) => least.includes(round));
}

const LEAST_SAMPLES = 2;

function cpuSeconds(running: readonly PeerProcess[]): number {
  return running.reduce((sum, each) => sum + each.cpuSeconds(), 0);
}

function chosen({ task, nodes, only = '', slow = false }: RaceOptions): Peer[] {
  return peersOn(nodes, availableParallelism()).filter(({ name, tasks, command, slow: isSlow = false }) => {
    const wanted = command === 'etude' || name.includes(only);
    return wanted && tasks.includes(task) && (slow || task !== 'large' || !isSlow);
  });
}

async function start(peer: Peer, setting: RaceSetting, missing: string[]): Promise<PeerProcess | undefined> {
  try {
    return await PeerProcess.start(peer, setting);
  } catch (thrown) {
    if (!(thrown instanceof PeerError) || peer.command === 'etude') throw thrown;
    missing.push(thrown.message);
    return undefined;
  }
}

function checkWork(task: Task, { peer, introduction }: PeerProcess, ours: readonly number[]): void {
  if (peer.otherWork) return;
  const { numbers, tolerance } = expectedOf(task, ours);
  const difference = largestDifference(task, introduction.check, numbers);
  if (difference <= tolerance) return;
  throw new VerificationError(
    `${peer.name} does not do the same work: it computed ${introduction.check.join(', ')}, expected ${numbers.join(', ')} ` +
      `to ${tolerance}. Nothing was timed.`,
  );
}

/** NaN where the lengths differ or a number is none; relative for the large task. */
function largestDifference(task: Task, found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return NaN;
  const unit = (number: number): number => (task === 'large' ? Math.abs(number) : 1);
  return Math.max(...found.map((number, index) => Math.abs(number - expected[index]) / unit(expected[index])));
}

function rowsOf(task: Task, running: readonly PeerProcess[], rounds: readonly Round[]): PeerRow[] {
  const { numbers } = expectedOf(task, running[0].introduction.check);
  const times = running.map((_, index) => rounds.map(({ measured }) => measured[index].ms));
  const others = rounds.map((round) => round.others).reduce((most, each) => (each === null ? most : Math.max(most ?? 0, each)), null); // prettier-ignore
  return running.map(({ peer, introduction }, index) => {
    const ratios: Record<string, Ratio> = {};
    for (const [other, { peer: own }] of running.entries()) {
      if (own.command === 'etude') ratios[own.name] = ratioOf(times[other], times[index]);
    }
    const { version, runs, check } = introduction;
    const { name, threads, node, otherWork } = peer;
    return {
      id: `${TASK_WORDS[task]}, ${name}`,
      task,
      peer: name,
      version,
      threads,
      node: node?.version,
      runs,
      otherWork,
      ...summarise(rounds.flatMap(({ measured }) => measured[index].marks)),
      rounds: times[index],
      others,
      ratios,
      check,
      difference: otherWork ? null : largestDifference(task, check, numbers),
    };
  });
}

/** The ratios of pairs of one round: their least, their median and their largest. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  const ratios = ours.map((ms, round) => ms / theirs[round]);
  return { min: Math.min(...ratios), median: median(ratios), max: Math.max(...ratios) };
}

/** Our own engine's names by which ratios are shown: on the Node that is named first, with its own best kernels. */
export function ownNames(rows: readonly PeerRow[]): string[] {
  const [first] = rows;
  const prefix = first.peer.slice(0, first.peer.lastIndexOf(',') + 2);
  return Object.keys(first.ratios).filter((name) => name.startsWith(prefix) && /^\d+ threads?$/.test(name.slice(prefix.length))); // prettier-ignore
}
