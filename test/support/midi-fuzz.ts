import { MidiError } from '../../src/midi/read/midi-error.ts';
import { severityOf } from '../../src/midi/read/problems.ts';
import { readMidi } from '../../src/midi/read/read-midi.ts';
import type { MidiFile } from '../../src/midi/types.ts';

/** Numbers from 0 up to 1 that depend on the seed alone (a linear congruential generator, Numerical Recipes). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A copy with one to three things done to it that files suffer: flipped, lost, doubled, inserted and swapped bytes. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let out = [...bytes];
  const below = (limit: number) => Math.floor(random() * limit);
  for (let times = 1 + below(3); times > 0; times--) {
    const at = below(out.length + 1);
    const size = 1 + below(12);
    switch (below(8)) {
      case 0:
        out[Math.min(at, out.length - 1)] ^= 1 << below(8);
        break;
      case 1:
        out[Math.min(at, out.length - 1)] = [0, 0x7f, 0x80, 0xf0, 0xff][below(5)];
        break;
      case 2:
        out.splice(at, size);
        break;
      case 3:
        out.splice(at, 0, ...out.slice(at, at + size));
        break;
      case 4:
        out.splice(at, 0, ...Array.from({ length: size }, () => below(256)));
        break;
      case 5:
        out = out.slice(0, at);
        break;
      case 6:
        out.splice(at, 0, 0xff, below(256), 0xff, 0xff, 0xff, below(256));
        break;
      default:
        out.splice(at, 4, ...out.slice(below(out.length + 1)).slice(0, 4));
    }
    if (out.length === 0) out = [below(256)];
  }
  return Uint8Array.from(out);
}

/** What became of many mutated files. */
export interface FuzzTally {
  read: number;
  refused: number;
  notes: number;
  slowestMs: number;
  /** Why the first few files were not as they should be, with their bytes in hex. */
  faults: string[];
}

/** Reads `count` mutations of the files, and looks at everything that comes back. */
export function fuzz(files: Uint8Array[], count: number, seed: number): FuzzTally {
  const random = seededRandom(seed);
  const tally: FuzzTally = { read: 0, refused: 0, notes: 0, slowestMs: 0, faults: [] };
  for (let i = 0; i < count && tally.faults.length < 5; i++) {
    const bytes = mutate(files[i % files.length], random);
    const before = performance.now();
    let fault: string | undefined;
    try {
      const file = readMidi(bytes);
      tally.read++;
      for (const { notes } of file.instruments) tally.notes += notes.length;
      fault = faultOf(file);
    } catch (error) {
      tally.refused++;
      if (!(error instanceof MidiError)) fault = `threw ${String(error)}`;
      else if (error.code === 'parser-mismatch') fault = error.message;
    }
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - before);
    if (fault !== undefined) tally.faults.push(`${fault}: ${Buffer.from(bytes).toString('hex')}`);
  }
  return tally;
}

/** What is wrong with a file that was read; undefined if nothing. */
function faultOf(file: MidiFile): string | undefined {
  let last = 0;
  for (const { program, notes } of file.instruments) {
    if (!isData(program)) return `program ${program}`;
    if (notes.length === 0) return 'an instrument without notes';
    let closed = 0;
    for (const { pitch, velocity, start, end } of notes) {
      if (!isData(pitch)) return `pitch ${pitch}`;
      if (!isData(velocity) || velocity === 0) return `velocity ${velocity}`;
      if (!(start >= 0 && end > start && end < Infinity)) return `a note from ${start} to ${end}`;
      if (end < closed) return `a note closed at ${end}, after one closed at ${closed}`;
      closed = end;
    }
    last = Math.max(last, closed);
  }
  if (file.endTime !== last) return `an end at ${file.endTime}, after the last note at ${last}`;
  if (!(file.resolution > 0)) return `a resolution of ${file.resolution}`;
  if (file.tempo[0]?.[0] !== 0) return 'no tempo at 0';
  let changed = 0;
  for (const [seconds, bpm] of file.tempo) {
    if (!(seconds >= changed && bpm > 0 && bpm < Infinity)) return `a tempo of ${bpm} at ${seconds}`;
    changed = seconds;
  }
  const unknown = file.problems.find(({ code }) => !Object.hasOwn(severityOf, code));
  return unknown && `an unknown problem ${unknown.code}`;
}

function isData(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 127;
}
