import { digits, percent } from '../../src/text/numbers.ts';
import { formatCount } from '../../src/text/words.ts';
import type { GenerationPath } from '../generate.ts';
import type { PeerRow } from '../peers/race.ts';
import { etudeName, type Task } from '../peers/tasks.ts';
import type { ResultFile } from '../results.ts';
import type { TrainRow } from '../train.ts';
import { machineLines, markdownTable, nodeOf, nodesLine, peerRows, type Results } from './figures.ts';
import { bestTorch, hasAvx512, TARGET_NODE, targets } from './targets.ts';

/** The README's performance section: the figures that matter, on what they were measured, and what is not reached. */
export function readmeSection(results: Results): string {
  const used = ['peers', 'peers-notes', 'peers-large', 'train-1-node24', 'train-1', 'train-2-node24', 'train-2', 'generate-node24', 'load-node24', 'memory-node24'] as const; // prettier-ignore
  const files = used.map((name) => results[name] as ResultFile | undefined);
  const machines = machineLines(files);
  if (machines.length === 0) return 'Nothing was measured yet.';
  const rows = [...stepRows(results), ...noteRows(results), ...otherRows(results)];
  const table = markdownTable(['', 'Etude', 'others, on the same machine at the same time'], rows);
  const measured = `Medians. ${machines.join('; ')}, Node ${nodesLine(files)}.`;
  return [table, measured, nodeLine(results), comparisonLine(results), unreachedLine(results)].filter(Boolean).join('\n\n'); // prettier-ignore
}

function peer(results: Results, task: Task, name: string): PeerRow | undefined {
  return peerRows(results).find((row) => row.task === task && row.peer === name);
}

function milliseconds({ medianMs }: { medianMs: number }): string {
  if (medianMs < 0.1) return `${digits(medianMs * 1000)} us`;
  return medianMs < 10_000 ? `${digits(medianMs)} ms` : `${digits(medianMs / 1000)} s`;
}

/** Our own time on each Node that raced; without a race what was measured alone. */
function ours(results: Results, task: Task, threads: number): string | undefined {
  const raced = ['24', '20'].flatMap((line) => {
    const row = peer(results, task, etudeName(`Node ${line}`, threads));
    return row ? [`${milliseconds(row)} (Node ${line})`] : [];
  });
  if (raced.length > 0) return raced.join(', ');
  if (task !== 'train') return undefined;
  const alone = threads === 1 ? (['train-1-node24', 'train-1'] as const) : (['train-2-node24', 'train-2'] as const);
  const found = alone.flatMap((name) => {
    const row = results[name]?.rows[0];
    return row ? [`${milliseconds(row)} (Node ${results[name]!.machine.node.split('.')[0]})`] : [];
  });
  return found.length > 0 ? found.join(', ') : undefined;
}

/** PyTorch's best form, and others by name: `PyTorch 13.4 ms (jit.script), jax-js 158 ms`. */
function othersOf(
  results: Results,
  task: Task,
  torch: PeerRow | undefined,
  names: readonly (readonly [word: string, peer: string])[] = [],
): string {
  const form = torch && `PyTorch ${milliseconds(torch)} (${torch.peer.replace('PyTorch, ', '')})`;
  const found = names.flatMap(([word, name]) => {
    const row = peer(results, task, name);
    return row ? [`${word} ${milliseconds(row)}`] : [];
  });
  return [...(form === undefined ? [] : [form]), ...found].join(', ');
}

function stepRows(results: Results): string[][] {
  const scripts = [
    ['jax-js', 'jax-js, wasm'],
    ['TensorFlow.js (wasm)', 'TensorFlow.js, wasm, layers'],
    ['plain loops', 'plain loops'],
  ] as const;
  const large = (threads: number, row: TrainRow | undefined): string | undefined => {
    const time = ours(results, 'large', threads);
    return time && row
      ? `${time}; ${percent(row.fractionOfPeak ?? NaN)} of the measured ${row.peakOf ?? ''} peak`
      : time;
  };
  const one = othersOf(results, 'train', bestTorch(results, 'train', 1), scripts);
  const largeOne = othersOf(results, 'large', bestTorch(results, 'large', 1));
  return complete([
    ['training step of the tutorial (batch 64, 25 notes, LSTM(128)), 1 thread', ours(results, 'train', 1), one],
    ['the same, 2 threads', ours(results, 'train', 2), othersOf(results, 'train', bestTorch(results, 'train'))],
    ['two layers of 512, 100 notes, 1 thread', large(1, results['train-large-1-node24']?.rows[0]), largeOne],
    ['the same, 2 threads', large(2, results['train-large-2-node24']?.rows[0]), othersOf(results, 'large', bestTorch(results, 'large'))], // prettier-ignore
  ]);
}

function noteRows(results: Results): string[][] {
  const file = results['generate-node24'] ?? results.generate;
  const generated = (path: GenerationPath): string | undefined => {
    const row = file?.rows.find((each) => each.path === path);
    return row && milliseconds(row);
  };
  const others = othersOf(results, 'stateful', bestTorch(results, 'stateful'), [
    ['onnxruntime', 'onnxruntime-node, 1 thread'],
    ['TensorFlow.js (wasm)', 'TensorFlow.js, wasm, core'],
  ]);
  const [engine, whole] = [generated('stateful'), generated('with sampling')];
  return complete([
    ['one generated note', engine && `${engine} in the engine, ${whole} including sampling and bookkeeping`, others],
  ]);
}

function otherRows(results: Results): string[][] {
  const load = results['load-node24'] ?? results.load;
  const row = results['memory-node24']?.rows[0];
  const time = (way: string): string => {
    const found = load?.rows.find((each) => each.way === way);
    return found ? `${digits(found.medianMs / 1000)} s` : '';
  };
  return complete([
    [
      load && `reading ${formatCount(load.rows[0].files)} files of MAESTRO, ${formatCount(load.rows[0].notes)} notes`,
      load && `${time('cold')}, from the cache ${time('cached')}`,
      '',
    ],
    [
      row && `resident memory, tutorial preset, over ${formatCount(row.steps)} steps`,
      row && `at most ${digits(row.largestMB)} MB`,
      '',
    ],
  ]);
}

/** Which Node is how much faster, where both were measured. */
function nodeLine(results: Results): string {
  const slow = results['train-1'];
  const wide = (['train-1-node24', 'train-1-node26'] as const).flatMap((name) => {
    const file = results[name];
    return file && file.machine.cpu === slow?.machine.cpu && file.rows[0].backend.includes('wide') ? [file] : [];
  });
  if (!slow || wide.length === 0) return '';
  const times = slow.rows[0].medianMs / Math.max(...wide.map(({ rows }) => rows[0].medianMs));
  return (
    `${wide.map(nodeOf).join(' and ')} on x86-64 train${wide.length === 1 ? 's' : ''} ${times.toFixed(1)} times as fast as ${nodeOf(slow)}: V8 turns pairs of ` +
    '128-bit operations into 256-bit ones there ([how](docs/simd.md)).'
  );
}

/** What the comparison with PyTorch is of; that there is none, where there is none. */
export function comparisonLine(results: Results): string {
  const best = bestTorch(results, 'large') ?? bestTorch(results, 'train');
  if (!best) {
    return (
      'There is no comparison with other frameworks at present. The earlier one did not run PyTorch at its best: it was limited to AVX2, and its ' +
      'allocator returned its memory to the system after every step. It will be repeated with PyTorch in its best form and settings.'
    );
  }
  const beyond = hasAvx512(best)
    ? ' It uses 512-bit registers, which WebAssembly does not have: this matters when matrix products dominate the step, as with 512 units.'
    : '';
  return `PyTorch is run in its fastest form, with the settings that are fastest on this machine.${beyond}`;
}

/** The targets that are missed, and how many were not measured. */
function unreachedLine(results: Results): string {
  const all = targets(results);
  const missed = all.filter(({ reached }) => reached === false);
  const unknown = all.filter(({ reached }) => reached === undefined).length;
  const list = missed.map(({ work, target, measured }) => `- ${work}: ${measured}; the target is ${target}`);
  const first = list.length === 0 ? '' : `Targets missed on ${TARGET_NODE}:\n\n${list.join('\n')}`;
  const second = unknown === 0 ? '' : `Of ${all.length} targets ${unknown} were not measured for this version.`;
  return [first, second].filter(Boolean).join('\n\n');
}

/** The rows that were measured. */
function complete(rows: readonly (readonly (string | undefined)[])[]): string[][] {
  return rows.filter((row): row is string[] => row.every((cell) => cell !== undefined));
}
