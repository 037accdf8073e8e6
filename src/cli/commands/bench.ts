import { watchLoad, type Load } from '../../../bench/machine.ts';
import { formatResult, resultFile } from '../../../bench/results.ts';
import { UsageError } from '../../errors.ts';
import { assertFinite } from '../../finite.ts';
import { findSimdVariant, knownWideVerdict } from '../../tensor/index.ts';
import { BENCHES, type Bench, type bench as words } from '../bench-table.ts';
import { Live } from '../bench/live.ts';
import type { BenchCall, BenchReport } from '../bench/report.ts';
import type { ActionOf } from '../command.ts';
import { besideStdout, checkOutput, writeOutput } from '../output.ts';
import { flagName, nearest } from '../options.ts';
import { counted, inWords } from '../../text/words.ts';

/** The code of each benchmark, loaded when it runs, and the options that it knows beside --out and its kind. */
const RUNS: Readonly<Record<Bench, { load: () => Promise<Run>; options: readonly (keyof BenchCall['options'])[] }>> = {
  kernels: {
    load: async () => (await import('../bench/kernels.ts')).kernels,
    options: ['backend', 'seconds', 'only', 'svg'],
  },
  train: {
    load: async () => (await import('../bench/train.ts')).train,
    options: ['backend', 'threads', 'hiddenSize', 'layers', 'seqLength', 'batchSize', 'steps', 'seconds'],
  },
  generate: {
    load: async () => (await import('../bench/generate.ts')).generate,
    options: ['backend', 'hiddenSize', 'layers', 'seqLength', 'seconds'],
  },
  load: { load: async () => (await import('../bench/load.ts')).load, options: ['rounds', 'cache'] },
  epoch: {
    load: async () => (await import('../bench/epoch.ts')).epoch,
    options: ['backend', 'threads', 'files', 'steps'],
  },
  scaling: { load: async () => (await import('../bench/scaling.ts')).scaling, options: ['backend', 'seconds'] },
  memory: {
    load: async () => (await import('../bench/memory.ts')).memory,
    options: ['backend', 'threads', 'files', 'steps'],
  },
  modes: {
    load: async () => (await import('../bench/modes.ts')).modes,
    options: ['backend', 'hiddenSize', 'layers', 'seqLength', 'batchSize', 'steps', 'seconds'],
  },
  crossover: {
    load: async () => (await import('../bench/crossover.ts')).crossover,
    options: ['crossover', 'backend', 'layers', 'seqLength', 'seconds', 'cache'],
  },
};
const WITH_DATA: readonly Bench[] = ['load', 'epoch', 'memory'];
const ALWAYS = ['out', 'force', 'json', 'quiet'];

type Run = (call: BenchCall, live: Live) => Promise<BenchReport>;

/** `etude bench`: measures on this machine what it is told to. */
export const bench: ActionOf<typeof words> = async (call) => {
  const { options, terminal } = call;
  const what = parseBench(call);
  refuseForeign(what, call);
  const { out, svg, force } = options;
  if (out !== undefined && out === svg) throw new UsageError('bench: --out and --svg must be different files.');
  if (out !== undefined) checkOutput(out, { force }, terminal);
  const run = await RUNS[what].load();
  const kernels = RUNS[what].options.includes('backend') ? await kernelsInWords() : undefined;
  const load = watchLoad();
  // A training step in one mode is one row, and one document with the machine in it.
  const single = what === 'train' && options.backend !== 'all';
  const live = new Live(besideStdout([out, svg], terminal), { jsonRows: !single });
  const report = await measure(() => run(call, live), live);
  const { rows: measured, extra } = report;
  assertFinite({ rows: measured, extra }, 'The measurement', 'Please report this as a bug in Etude.');
  const result = resultFile(what, report.rows, load(report.childSeconds), report.extra);
  if (terminal.json) {
    const { rows, ...rest } = result;
    terminal.printJson(single ? { ...rows[0], ...rest } : rest);
  } else {
    for (const note of report.notes) terminal.say(note);
    if (kernels !== undefined) terminal.say(`Kernels: ${kernels}.`);
    terminal.say(machineInWords(result));
    if ((result.load.others ?? 0) > BUSY) {
      terminal.warn('The machine was busy: do not compare these figures with others.');
    }
  }
  if (out !== undefined) writeOutput(out, formatResult(result), { force }, terminal);
};

/** Which build of the kernels is the fastest here, and why. */
async function kernelsInWords(): Promise<string> {
  const variant = await findSimdVariant('auto');
  if (variant === undefined) return 'auto is reference here, since this JavaScript engine has no WebAssembly SIMD';
  if (variant === 'plain') return 'simd is simd (plain) here, since this JavaScript engine has no relaxed SIMD';
  return `simd is simd (${variant}) here, since ${knownWideVerdict()!.why}`;
}

/** Whatever becomes of it, the line of what is being done is taken away. */
async function measure(run: () => Promise<BenchReport>, live: Live): Promise<BenchReport> {
  try {
    return await run();
  } finally {
    live.clear();
  }
}

/** Others using more of a core than this show in the figures. */
const BUSY = 0.1;

/** Which benchmark is meant: its name, or the switch that stands for it. */
function parseBench({ args: [word], options }: BenchCall): Bench {
  if (word === undefined) {
    if (options.crossover) return 'crossover';
    if (options.backend === 'all') return 'modes';
    throw new UsageError(`bench: say what to measure: ${BENCHES.join(', ')}.`);
  }
  const found = BENCHES.find((name) => name === word);
  if (found !== undefined) return found;
  const meant = nearest(word, BENCHES);
  throw new UsageError(
    `bench: unknown benchmark "${word}"; expected ${inWords(BENCHES)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  );
}

/** @throws UsageError when an option or DATA is given to a benchmark that has no use for it */
function refuseForeign(what: Bench, { args, options }: BenchCall): void {
  const known: readonly string[] = [...RUNS[what].options, ...ALWAYS];
  const foreign = Object.entries(options).find(
    ([key, value]) => !known.includes(key) && value !== undefined && value !== false,
  );
  if (foreign) throw new UsageError(`bench ${what} does not take ${flagName(foreign[0])}.`);
  if (args.length > 1 && !WITH_DATA.includes(what)) {
    throw new UsageError(`bench ${what} reads no music: leave out "${args[1]}".`);
  }
}

function machineInWords({
  machine,
  load,
}: {
  machine: { cpu: string; cores: number; node: string };
  load: Load;
}): string {
  const { cpu, cores, node } = machine;
  const others = load.others === null ? '' : `, others used ${load.others.toFixed(2)} cores`;
  return `${cpu}, ${counted(cores, 'core')}, Node ${node}; load ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after${others}`;
}
