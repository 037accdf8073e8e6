/** How long something took, over many samples, in milliseconds. */
export interface Timing {
  medianMs: number;
  /** A tenth of the samples were quicker, and a tenth slower: the spread that counts as noise. */
  p10Ms: number;
  p90Ms: number;
  samples: number;
}

/** How long to measure. */
export interface Effort {
  /** Measure for about so many seconds. */
  seconds: number;
  /** But take at least so many samples. */
  samples: number;
  /** Except where they last longer than so many seconds in all: then what there is by then, one at least. For ever unless given. */
  patience?: number;
}

/** Whether `taken` samples since `begin` are what was asked for. */
export function isEnough(taken: number, begin: number, { seconds, samples, patience = Infinity }: Effort): boolean {
  const passed = (performance.now() - begin) / 1000;
  return taken > 0 && passed >= seconds && (taken >= samples || passed >= patience);
}

/** What the verification runs use: enough to run every line, too little to mean anything. */
export const TINY: Effort = { seconds: 0, samples: 2 };

/** A sample lasts at least so long: far above the resolution of the clock and the cost of reading it. */
const SAMPLE_MS = 0.2;

/** Something to be timed. */
export interface Timed {
  run(): unknown;
  /** Puts back what `run` overwrites; called before each run and not timed. */
  restore?(): void;
}

/**
 * The milliseconds of one run, sampled for as long as `effort` says; a sample is the mean of as many runs as last
 * SAMPLE_MS, or of a single one where something must be restored before each.
 */
export function sampleRuns(timed: Timed, effort: Effort): number[] {
  const runs = timed.restore ? 1 : runsPerSample(timed);
  const samples: number[] = [];
  const start = performance.now();
  while (!isEnough(samples.length, start, effort)) {
    timed.restore?.();
    const begin = performance.now();
    for (let run = 0; run < runs; run++) timed.run();
    samples.push((performance.now() - begin) / runs);
  }
  return samples;
}

/** Runs without timing, so that compilers have seen what they need to see. */
export function warmUp(timed: Timed, { seconds, samples }: Effort): void {
  const end = performance.now() + seconds * 1000;
  for (let run = 0; run < samples || performance.now() < end; run++) {
    timed.restore?.();
    timed.run();
  }
}

/** The median and the spread of samples. */
export function summarise(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    medianMs: quantile(sorted, 0.5),
    p10Ms: quantile(sorted, 0.1),
    p90Ms: quantile(sorted, 0.9),
    samples: sorted.length,
  };
}

/** The number below which the part `p` of sorted numbers lies, between two of them in proportion; NaN of nothing. */
export function quantile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const below = Math.floor(place);
  if (sorted.length === 0) return NaN;
  if (below === sorted.length - 1) return sorted[below];
  return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

/** The median of numbers in any order. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers.toSorted((a, b) => a - b), 0.5); // prettier-ignore
}

function runsPerSample(timed: Timed): number {
  for (let runs = 1; ; runs *= 2) {
    const begin = performance.now();
    for (let run = 0; run < runs; run++) timed.run();
    if (performance.now() - begin >= SAMPLE_MS / 2) return runs;
  }
}
