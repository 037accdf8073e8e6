import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as midi from '../../support/midi-bytes.ts';

/** How many times its bytes a file may take, the notes that come out of it aside. */
const MOST = 20;
/** What a note is as an object: four fields, two boxed numbers, a place in a list. */
const NOTE_BYTES = 100;
const MEGABYTES = 12;

/** A file of about so many megabytes whose first track is a head, a unit many times over, and a tail. */
function dense(head: number[], unit: number[], tail: number[], more: number[][] = []): Uint8Array {
  const times = Math.floor((MEGABYTES * 1e6) / unit.length);
  const body = new Uint8Array(head.length + unit.length * times + tail.length);
  body.set(head);
  for (let i = 0; i < times; i++) body.set(unit, head.length + i * unit.length);
  body.set(tail, body.length - tail.length);
  const others = more.flatMap((track) => midi.chunk('MTrk', track));
  const start = [...midi.header(1, 1 + more.length, 96), ...midi.latin1('MTrk'), ...midi.be32(body.length)];
  return Buffer.concat([Uint8Array.from(start), body, Uint8Array.from(others)]);
}

const end = midi.endOfTrack();
const note = [...midi.noteOn(0, 60), ...midi.noteOff(1, 60), ...end];

const FILES: Record<string, () => Uint8Array> = {
  'notes of six bytes': () => dense(midi.noteOn(0, 60, 0), [0, 60, 80, 1, 60, 0], end),
  'a key that is struck for ever': () => dense(midi.noteOn(0, 60), [1, 60, 80], end),
  'a key that is struck for ever, and let go at last': () => dense(midi.noteOn(0, 60), [1, 60, 80], [1, 60, 0, ...end]),
  controllers: () => dense([0, 0xb0, 7, 1], [0, 7, 80], end),
  '"all notes off"': () => dense([0, 0xb0, 123, 0], [1, 123, 0], note),
  tempos: () => dense([], [...midi.tempo(1, 500_000), ...midi.tempo(1, 400_000)], note),
  'time signatures': () => dense([], [...midi.meter(1, 3, 2), ...midi.meter(1, 4, 2)], note),
  'programs on a channel that another track plays on': () => dense([0, 0xc0, 1], [1, 2, 1, 3], end, [note]),
  'names of no letters': () => dense([], midi.meta(0, 3), note),
  'one long name': () => dense([0, 0xff, 3, ...midi.varLen(MEGABYTES * 1e6)], [0x41], note),
};

const folder = mkdtempSync(join(tmpdir(), 'etude-memory-'));
const reader = join(folder, 'read.cjs');

beforeAll(async () => {
  const source = `import { readFileSync } from 'node:fs';
    import { readMidi } from '${resolve(import.meta.dirname, '../../../src/midi/read/read-midi.ts')}';
    const bytes = readFileSync(process.argv[2]);
    globalThis.gc();
    const before = process.memoryUsage().rss;
    const notes = readMidi(bytes).instruments.reduce((sum, { notes }) => sum + notes.length, 0);
    console.log((process.resourceUsage().maxRSS * 1024 - before - notes * ${NOTE_BYTES}) / bytes.length);`;
  await build({ stdin: { contents: source, resolveDir: folder }, bundle: true, platform: 'node', outfile: reader });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

// What is no longer needed may stay for a while where there is room, so that this measures more than is needed.
describe(`reading takes at most ${MOST} times the bytes of a file, besides its notes`, () => {
  it.each(Object.keys(FILES))('of %s', (name) => {
    const path = join(folder, 'file.mid');
    writeFileSync(path, FILES[name]());
    const flags = ['--max-old-space-size=800', '--max-semi-space-size=4', '--expose-gc'];
    const times = Number(execFileSync(process.execPath, [...flags, reader, path], { encoding: 'utf8' }));
    console.log(`${name}: ${times.toFixed(1)} times`);
    expect(times).toBeLessThan(MOST);
  });
});
