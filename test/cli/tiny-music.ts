import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Note } from '../../src/midi/index.ts';
import { writeMidi } from '../../src/midi/write.ts';
import { runEtude, type Ran } from './run-etude.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A little tune: notes go up and down a scale, each piece from another key. */
export function tune(count: number, from: number): Note[] {
  const scale = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2];
  let start = 0;
  return Array.from({ length: count }, (_, i) => {
    const length = i % 4 === 3 ? 0.5 : 0.25;
    const note = { pitch: from + scale[i % scale.length], velocity: 80, start, end: start + length };
    start += length;
    return note;
  });
}

export function midiBytes(notes: Note[]): Uint8Array {
  return writeMidi([{ program: 0, isDrum: false, name: '', notes }]);
}

/** A folder `music` with pieces of `notes` notes each, beside which a run can be written. */
export function folderWithMusic({ pieces = 4, notes = 30, base = temporaryFolder() } = {}): {
  base: string;
  music: string;
  run: string;
} {
  const music = join(base, 'music');
  mkdirSync(music, { recursive: true });
  for (let i = 0; i < pieces; i++) writeFileSync(join(music, `piece-${i}.mid`), midiBytes(tune(notes, 55 + i)));
  return { base, music, run: join(base, 'run') };
}

/** As small as a training can be: a model of 8 units, windows of 6 notes, a few steps. */
const SMALL = [
  ...['--preset', 'quick'],
  ...['--hidden-size', '8', '--seq-length', '6', '--batch-size', '8', '--bins', '6', '--epochs', '3'],
  ...['--steps-per-epoch', '4', '--schedule', 'plateau', '--threads', '1', '--backend', 'reference'],
] as const;
export const TINY = [...SMALL, '--sample-notes', '20'] as const;
/** The same, and no music is drawn. */
export const TINY_SILENT = [...SMALL, '--no-sample'] as const;

/** A tiny training: its folders, and what the command line said. */
export interface TinyRun {
  base: string;
  music: string;
  run: string;
  ran: Ran;
}

/** Trains a tiny model into a new run folder. */
export async function trainTiny(...more: string[]): Promise<TinyRun> {
  const folders = folderWithMusic();
  const ran = await runEtude('train', folders.music, '--out', folders.run, ...TINY, ...more);
  return { ...folders, ran };
}

/**
 * Trains one tiny model for all tests of a file; called outside of tests.
 * @param more options of the training
 * @returns a function that gives each test a copy of music and run, to do with as it likes
 */
export function useTinyRun(...more: string[]): () => Promise<TinyRun> {
  const shared = mkdtempSync(join(tmpdir(), 'etude-tiny-'));
  afterAll(() => {
    rmSync(shared, { recursive: true, force: true });
  });
  let trained: Promise<Ran> | undefined;
  return async () => {
    const { music, run } = folderWithMusic({ base: shared });
    trained ??= runEtude('train', music, '--out', run, ...TINY, ...more);
    const ran = await trained;
    const base = temporaryFolder();
    cpSync(shared, base, { recursive: true });
    return { base, music: join(base, 'music'), run: join(base, 'run'), ran };
  };
}
