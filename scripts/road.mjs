// The end-to-end road on the command line: train a small model on the songbook, generate, evaluate, study.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SONGBOOK = join(root, 'data/songbook');
const TRAIN = [
  '--preset',
  'songbook',
  '--epochs',
  '2',
  '--steps-per-epoch',
  '15',
  '--hidden-size',
  '24',
  '--seed',
  '3',
];

/** How far losses may differ where `Math.exp`, say, rounds otherwise than in Node, as a part of them. */
export const LOSS_BOUND = 1e-5;

/**
 * Walks the road on one runtime.
 * @param {string[]} start the words that start a program on it
 * @returns what came out: `losses` of steps and epochs, `evaluated` losses, the `midi` and the numbers of the `study`
 * @throws Error when a command fails, with what it said
 */
export function walk(start) {
  const folder = mkdtempSync(join(tmpdir(), 'etude-road-'));
  const etude = (...words) => {
    const [program, ...before] = start;
    const args = [...before, join(root, 'dist/cli/main.js'), ...words];
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`etude ${words.join(' ')}: exit code ${status}\n${stderr}`);
    return stdout;
  };
  try {
    // Two threads: workers and shared memory are of the road.
    etude('train', SONGBOOK, '--out', 'model', ...TRAIN, '--threads', '2', '--no-sample', '--no-fit-memory', '--quiet');
    etude('generate', 'model', '--out', 'new.mid', '--seed', '7', '--notes', '40', '--quiet');
    const evaluated = etude('evaluate', 'model', SONGBOOK, '--windows', '64', '--json', '--quiet');
    etude('study', 'model', join(SONGBOOK, 'amazing-grace.mid'), '--out', 'study.json', '--quiet');
    const log = readFileSync(join(folder, 'model/log.jsonl'), 'utf8').trim().split('\n');
    return {
      losses: log.flatMap((line) => numbersIn(JSON.parse(line), LOSSES)),
      evaluated: numbersIn(JSON.parse(evaluated), LOSSES),
      midi: readFileSync(join(folder, 'new.mid')),
      study: JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const LOSSES = /loss|nats|pitch|step|duration|validation/i;

/** All numbers under keys that `names` matches, in order. */
function numbersIn(value, names, within = false) {
  if (typeof value === 'number') return within ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, names, within || names.test(key)));
}

/**
 * Compares two walks.
 * @param {boolean} bits whether losses, MIDI and study must be equal to the bit
 * @returns {string[]} what is not as it should be, in words; empty where all is
 */
export function differences(found, expected, bits) {
  const wrong = ['losses', 'evaluated'].flatMap((name) => {
    const [a, b] = [found[name], expected[name]];
    if (b.length === 0 || a.length !== b.length) return [`${name}: ${a.length} numbers, expected ${b.length}`];
    const off = Math.max(...a.map((x, at) => Math.abs(x - b[at]) / Math.max(Math.abs(b[at]), 1)));
    return off <= (bits ? 0 : LOSS_BOUND) ? [] : [`${name}: ${off} off`];
  });
  if (bits && !found.midi.equals(expected.midi)) wrong.push('generate: other bytes');
  if (!found.midi.subarray(0, 4).equals(expected.midi.subarray(0, 4))) wrong.push('generate: no MIDI file');
  if (found.study.heads.length !== expected.study.heads.length) wrong.push('study: other heads');
  return wrong;
}
