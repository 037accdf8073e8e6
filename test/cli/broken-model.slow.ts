import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/cli/run-folder.ts';
import type { Piece } from '../../src/midi/index.ts';
import { loadCorpus } from '../../src/midi/node.ts';
import {
  GENERATION_SAMPLING,
  evaluateModel,
  generateNotes,
  instrumentOf,
  midiOf,
  musicModel,
  type MusicModel,
} from '../../src/music/index.ts';
import { type Checkpoint, type ModelSpec, type NamedArrays } from '../../src/nn/index.ts';
import { mutate, readRaw, type RawCheckpoint } from '../support/checkpoint-fuzz.ts';
import { contents } from './folder-contents.ts';
import { runEtude, type Ran } from './run-etude.ts';
import { useTinyRun } from './tiny-music.ts';

const MUTATIONS = 800;
const BATCHES = 8;
const SEED = 20_261_128;
const NOTES = 12;
const ENGINE = ['--backend', 'reference', '--threads', '1'];
const FILES = ['config.json', 'log.jsonl'];

const tinyRun = useTinyRun();

/** The tensors under a prefix, as the file has them. */
function arraysOf({ tensors }: RawCheckpoint, prefix: string): NamedArrays {
  const own = Object.entries(tensors).filter(
    ([name]) => name.startsWith(prefix) && (prefix !== '' || !name.includes('/')),
  );
  return Object.fromEntries(own.map(([name, { data }]) => [name.slice(prefix.length), data]));
}

/** The model that a file means: its best weights where it has some. Nothing of it went through our reader. */
function modelOf(raw: RawCheckpoint): MusicModel {
  const best = arraysOf(raw, 'best/');
  const parameters = Object.keys(best).length > 0 ? best : arraysOf(raw, '');
  const [spec, extra] = [raw.metadata.spec, raw.metadata.extra].map((text) => JSON.parse(text) as unknown);
  return musicModel({ spec: spec as ModelSpec, parameters, extra: extra as Checkpoint['extra'] });
}

/** Checks what every refusal has, and says whether it was one. */
function refused({ code, stdout, stderr }: Ran): boolean {
  expect(stderr).not.toContain('defect of Etude');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect([0, 1, 3], stderr).toContain(code);
  if (code === 1) expect(stdout).not.toMatch(/null|summary/);
  if (code !== 0) expect(stderr).toMatch(/etude: .+/);
  return code !== 0;
}

describe(`of ${MUTATIONS} mutations of a checkpoint`, () => {
  const counts = { generate: 0, evaluate: 0, resume: 0, refused: 0 };

  for (let batch = 0; batch < BATCHES; batch++) {
    it(`each is refused, or gives finite numbers and those that the file says (${batch + 1} of ${BATCHES})`, async () => {
      const { run, music, base } = await tinyRun();
      const [best, last] = ['best', 'last'].map((name) => join(run, `${name}.safetensors`));
      const kept = FILES.map((name) => [join(run, name), readFileSync(join(run, name))] as const);
      const original = readFileSync(last);
      const { pieces } = await loadCorpus([music], { minNotes: 7 });
      for (let k = batch; k < MUTATIONS; k += BATCHES) {
        const bytes = mutate(original, SEED + k);
        for (const [path, content] of [...kept, [best, bytes] as const, [last, bytes] as const])
          writeFileSync(path, content);
        const where = `mutation ${SEED + k}`;
        const out = join(base, 'new.mid');
        rmSync(out, { force: true });
        counts.generate += Number(await generated(run, out, bytes, where));
        counts.evaluate += Number(await evaluated(run, music, pieces, bytes, where));
        const took = await resumed(run, bytes, k % 16 < 8, where);
        counts.resume += Number(took);
        counts.refused += Number(!took);
      }
    });
  }

  it('many are refused, and many are not', () => {
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(MUTATIONS / 10);
  });
});

async function generated(run: string, out: string, bytes: Uint8Array, where: string): Promise<boolean> {
  const before = contents(run);
  const ran = await runEtude('generate', run, '--out', out, '--notes', String(NOTES), '--seed', '3', '--json');
  expect(contents(run), where).toEqual(before);
  if (refused(ran)) return false;
  const model = modelOf(readRaw(bytes));
  const { notes } = generateNotes(model, { ...GENERATION_SAMPLING, notes: NOTES, seed: 3 });
  expect(readFileSync(out).equals(midiOf(notes, instrumentOf(model))), where).toBe(true);
  expectFinite(JSON.parse(ran.stdout), where);
  return true;
}

async function evaluated(
  run: string,
  music: string,
  pieces: Piece[],
  bytes: Uint8Array,
  where: string,
): Promise<boolean> {
  const ran = await runEtude('evaluate', run, music, '--split', 'all', ...ENGINE, '--json');
  if (refused(ran)) return false;
  const said = JSON.parse(ran.stdout) as { loss: number; heads: { loss: number }[] };
  const { loss, heads } = await evaluateModel(modelOf(readRaw(bytes)), pieces, { backend: 'reference', threads: 1 });
  expect(said.loss, where).toBe(loss);
  expect(said.heads.map((head) => head.loss), where).toEqual(heads.map((head) => head.loss)); // prettier-ignore
  return true;
}

/** Goes on without a step, which must write the numbers back as they were, or with one. */
async function resumed(run: string, bytes: Uint8Array, asked: boolean, where: string): Promise<boolean> {
  const before = contents(run);
  const step = Number(/"trainer\\":\{.*?\\"step\\":(\d+)/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? 12);
  // A run that ends at step 0 cannot be asked for.
  const withStep = asked || step === 0;
  const limits = ['--max-steps', String(Math.min(2 ** 40, step + Number(withStep))), '--epochs', '100000'];
  const ran = await runEtude('train', '--out', run, '--resume', '--no-sample', ...limits, ...ENGINE, '--json');
  if (refused(ran)) {
    // A run that cannot go on is left as it is; one that did go on has at least a checkpoint that can be read.
    if (!ran.stderr.includes('\nResumed')) expect(contents(run), where).toEqual(before);
    else readCheckpoint(run, 'last');
    return false;
  }
  const now = readCheckpoint(run, 'last');
  const raw = readRaw(bytes);
  const trainer = (JSON.parse(raw.metadata.training) as { trainer: { step: number } }).trainer;
  expect(now.training!.trainer.step, where).toBe(trainer.step + Number(withStep));
  if (withStep) return true;
  const { parameters, training } = now;
  expect(parameters, where).toEqual(arraysOf(raw, ''));
  expect(training!.engine.optimizer['adam.m'], where).toEqual(arraysOf(raw, 'adam.m/'));
  expect(training!.engine.optimizer['adam.v'], where).toEqual(arraysOf(raw, 'adam.v/'));
  return true;
}

/** Whether every number of the analysis is there: JSON says null for what is not finite. */
function expectFinite(said: unknown, where: string): void {
  const { analysis } = said as { analysis: Record<string, unknown> };
  for (const value of Object.values(analysis)) expect(value, where).toSatisfy(Number.isFinite);
}
