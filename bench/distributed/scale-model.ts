import { Random } from '../../src/tensor/index.ts';

/** What decides how long a round of several machines takes: measured, or assumed where the name says so. */
export interface Cluster {
  /** Bytes of the weights, and of a difference. */
  bytes: number;
  /** How long a machine takes for a training step, in seconds. */
  stepSeconds: number;
  /** Training steps of each machine in a round. */
  innerSteps: number;
  /** What the network card of the machine with Redis carries in each direction, in bytes a second. */
  linkBytesPerSecond: number;
  /** What one Redis takes in or gives out, in bytes a second: it works on one thread. */
  redisBytesPerSecond: number;
  /** What the machine that averages reads, checks and adds, in bytes a second. */
  averagingBytesPerSecond: number;
  /** What each message takes beside its bytes, in seconds. */
  messageSeconds: number;
}

/**
 * The seconds of a round of n machines on paper: they compute at the same time, and everything they say goes through one Redis. Its
 * network card gives out the weights n times and the differences n times (to the machine that averages), which is the longer
 * direction; Redis itself moves the weights and the differences in and out; averaging overlaps with neither.
 */
export function roundSeconds(cluster: Cluster, machines: number): number {
  const { bytes, stepSeconds, innerSteps, linkBytesPerSecond, redisBytesPerSecond, averagingBytesPerSecond } = cluster;
  const moved = 2 * machines + 1;
  const onLink = (moved * bytes) / linkBytesPerSecond;
  const inRedis = ((moved + machines) * bytes) / redisBytesPerSecond;
  const averaging = (machines * bytes) / averagingBytesPerSecond;
  return innerSteps * stepSeconds + Math.max(onLink, inRedis) + averaging + 4 * cluster.messageSeconds;
}

/** How many times as many samples a second n machines learn from as one. */
export function speedup(cluster: Cluster, machines: number, seconds = roundSeconds(cluster, machines)): number {
  return (machines * cluster.innerSteps * cluster.stepSeconds) / seconds;
}

/** The largest number of machines, up to `most`, of which each still does at least half of what one does alone; 1 where no two do. */
export function worthIt(cluster: Cluster, most = 4096): number {
  let machines = 1;
  while (machines < most && speedup(cluster, machines + 1) >= (machines + 1) / 2) machines++;
  return machines;
}

/** How far a machine's step times stray from round to round, as the deviation of their logarithm. */
const JITTER = 0.05;

/**
 * The mean seconds of a round when each transfer is followed on its own: machines that are done sooner send sooner, one transfer
 * goes over each direction of the card and through Redis at a time, and the round ends with the slowest.
 */
export function simulatedRoundSeconds(cluster: Cluster, machines: number, rounds: number, seed: number): number {
  const random = Random.stream(seed, 'scale');
  let all = 0;
  for (let round = 0; round < rounds; round++) all += simulateRound(cluster, machines, random);
  return all / rounds;
}

function simulateRound(cluster: Cluster, machines: number, random: Random): number {
  const { bytes, stepSeconds, innerSteps, messageSeconds } = cluster;
  const redis = new Bottleneck(bytes / cluster.redisBytesPerSecond);
  const [inward, outward] = [0, 1].map(() => new Bottleneck(bytes / cluster.linkBytesPerSecond));
  const averaging = new Bottleneck(bytes / cluster.averagingBytesPerSecond);
  // What goes through Redis and over the card at once takes the longer of the two.
  const through = (link: Bottleneck, at: number): number => Math.max(redis.pass(at), link.pass(at)) + messageSeconds;
  const given = through(inward, 0);
  const done = Array.from({ length: machines }, () => {
    const fetched = through(outward, given);
    return fetched + innerSteps * stepSeconds * Math.exp(JITTER * random.normal());
  });
  let end = 0;
  for (const at of done.sort((a, b) => a - b)) end = averaging.pass(through(outward, through(inward, at)));
  return end;
}

/** Something that serves one after the other, in the order in which they come. */
class Bottleneck {
  readonly #seconds: number;
  #free = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** @returns when what comes at `at` is through */
  pass(at: number): number {
    this.#free = Math.max(this.#free, at) + this.#seconds;
    return this.#free;
  }
}
