import { setImmediate } from 'node:timers/promises';
import { createTrainingRun, prepareData, resolveSettings } from '../src/music/index.ts';
import type { Corpus } from '../src/midi/index.ts';
import type { EngineRequest } from './engine.ts';
import { collectGarbage } from './heap.ts';
import type { Row } from './results.ts';
import { summarise } from './timing.ts';

/** The resident memory of a process that trains. */
export interface MemoryRow extends Row {
  engine: string;
  steps: number;
  /** Megabytes (10^6 bytes): before anything was loaded, and over the run. */
  startMB: number;
  firstMB: number;
  lastMB: number;
  largestMB: number;
  /** What the memory in use grows by over the last three quarters of the run; garbage, which comes and goes, is collected first. */
  growthMBPer1000Steps: number;
  /** [step, MB] on the way. */
  trace: [step: number, mb: number][];
}

export interface MemoryBenchOptions extends EngineRequest {
  corpus: Corpus;
  steps: number;
  onStep?(step: number): void;
}

/** How often the memory is looked at over a run. */
const LOOKS = 100;

/** Trains the tutorial preset for so many steps, with validation and early stopping as ever, and watches the resident memory. */
export async function benchMemory({ corpus, steps, onStep, ...choice }: MemoryBenchOptions): Promise<MemoryRow> {
  const startMB = residentMB();
  const settings = resolveSettings('tutorial', { maxSteps: steps, epochs: 1_000_000, patience: null });
  const trace: [number, number][] = [];
  const times: number[] = [];
  const inUse: [number, number][] = [];
  const quarter = Math.ceil(steps / 4);
  const every = Math.max(1, Math.floor(steps / LOOKS));
  let before = performance.now();
  const { engine, trainer } = await createTrainingRun(prepareData(corpus, settings), settings, 'tutorial', choice, {
    onStep: async ({ step }) => {
      const now = performance.now();
      times.push(now - before);
      before = now;
      if (step % every === 0 || step === 1) trace.push([step, residentMB()]);
      if (step === quarter || step === steps) inUse.push([step, usedMB()]);
      onStep?.(step);
      // As the recorder of `etude train` does. Between awaits alone V8 finds no moment to end a collection, and garbage piles up.
      await setImmediate();
    },
  });
  try {
    await trainer.run();
    const megabytes = trace.map(([, mb]) => mb);
    return {
      id: `training for ${steps} steps, tutorial preset, ${engine.name}`,
      ...summarise(times),
      engine: engine.name,
      steps,
      startMB,
      firstMB: megabytes[0],
      lastMB: megabytes.at(-1)!,
      largestMB: Math.max(...megabytes),
      growthMBPer1000Steps: slope(inUse) * 1000,
      trace,
    };
  } finally {
    await engine.dispose();
  }
}

function residentMB(): number {
  return process.memoryUsage.rss() / 1e6;
}

/** What is not garbage: objects, array buffers, and WebAssembly's memory. */
function usedMB(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** The slope of the straight line through points, by least squares; 0 of fewer than two. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  if (points.length < 2) return 0;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
