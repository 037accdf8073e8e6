import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
export const TINY = [
  ...['--hidden-size', '8', '--seq-length', '6', '--batch-size', '8', '--bins', '6', '--epochs', '3'],
  ...['--steps-per-epoch', '4', '--sample-notes', '20', '--threads', '1', '--backend', 'reference'],
] as const;

/** Trains a tiny model into a new run folder. */
export async function trainTiny(...more: string[]): Promise<{ base: string; music: string; run: string; ran: Ran }> {
  const folders = folderWithMusic();
  const ran = await runEtude('train', folders.music, '--out', folders.run, ...TINY, ...more);
  return { ...folders, ran };
}
