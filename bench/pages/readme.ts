import { digits, percent } from '../../src/cli/bench/report.ts';
import type { GenerationPath } from '../generate.ts';
import type { PeerRow } from '../peers/race.ts';
import type { Task } from '../peers/tasks.ts';
import { machineLines, markdownTable, peerRows, type Results } from './figures.ts';
import { formatCount } from '../../src/words.ts';

/** The README's performance section: a table of the figures that matter, and what they were measured on. */
export function readmeSection(results: Results): string {
  const used = [
    results.peers,
    results['peers-notes'],
    results['peers-large'],
    results['train-large-1'],
    results.generate,
    results.load,
    results.memory,
  ];
  const machines = machineLines(used);
  if (machines.length === 0) return 'Nothing was measured yet.';
  const rows = [...stepRows(results), ...noteRows(results), ...otherRows(results)];
  return `${markdownTable(['', 'Etude', 'others, on the same machine in the same minutes'], rows)}\n\nMedians. ${machines.join('; ')}.`;
}

function peer(results: Results, task: Task, name: string): PeerRow | undefined {
  const rows = peerRows(results);
  return rows.find((row) => row.task === task && row.peer === name);
}

/** `PyTorch 31.2 ms, jax-js 158 ms`, of those that took part. */
function othersOf(results: Results, task: Task, names: readonly (readonly [word: string, peer: string])[]): string {
  const found = names.flatMap(([word, name]) => {
    const row = peer(results, task, name);
    return row ? [`${word} ${milliseconds(row)}`] : [];
  });
  return found.join(', ');
}

function milliseconds({ medianMs }: { medianMs: number }): string {
  if (medianMs < 0.1) return `${digits(medianMs * 1000)} us`;
  return medianMs < 10_000 ? `${digits(medianMs)} ms` : `${digits(medianMs / 1000)} s`;
}

function stepRows(results: Results): string[][] {
  const one = othersOf(results, 'train', [
    ['PyTorch', 'PyTorch, nn.LSTM, 1 thread'],
    ['jax-js', 'jax-js, wasm'],
    ['TensorFlow.js (wasm)', 'TensorFlow.js, wasm, layers'],
    ['plain loops', 'plain loops'],
  ]);
  const two = othersOf(results, 'train', [['PyTorch', 'PyTorch, nn.LSTM, 2 threads']]);
  const large = othersOf(results, 'large', [['PyTorch', 'PyTorch, nn.LSTM, 1 thread']]);
  const ours = (task: Task, name: string): string | undefined => {
    const row = peer(results, task, name);
    return row && milliseconds(row);
  };
  const fraction = results['train-large-1']?.rows[0];
  const ofPeak = fraction ? `, ${percent(fraction.fractionOfPeak ?? NaN)} of the measured 128-bit peak` : '';
  return complete([
    ['training step of the tutorial (batch 64, 25 notes, LSTM(128)), 1 thread', ours('train', 'Etude, 1 thread'), one],
    ['the same, 2 threads', ours('train', 'Etude, 2 threads'), two],
    ['two layers of 512, 100 notes, 1 thread', addTo(ours('large', 'Etude, 1 thread'), ofPeak), large],
  ]);
}

function noteRows(results: Results): string[][] {
  const generated = (path: GenerationPath): string | undefined => {
    const row = results.generate?.rows.find((each) => each.path === path);
    return row && milliseconds(row);
  };
  const others = othersOf(results, 'stateful', [
    ['onnxruntime', 'onnxruntime-node'],
    ['PyTorch', 'PyTorch, nn.LSTM, 1 thread'],
    ['TensorFlow.js (wasm)', 'TensorFlow.js, wasm, core'],
  ]);
  const [engine, whole] = [generated('stateful'), generated('with sampling')];
  return complete([['one generated note', engine && `${engine} in the engine, ${whole} with all around it`, others]]);
}

function otherRows({ load, memory }: Results): string[][] {
  const time = (way: string): string => {
    const row = load?.rows.find((each) => each.way === way);
    return row ? `${digits(row.medianMs / 1000)} s` : '';
  };
  const row = memory?.rows[0];
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

function addTo(text: string | undefined, more: string): string | undefined {
  return text === undefined ? undefined : text + more;
}

/** The rows that were measured. */
function complete(rows: readonly (readonly (string | undefined)[])[]): string[][] {
  return rows.filter((row): row is string[] => row.every((cell) => cell !== undefined));
}
