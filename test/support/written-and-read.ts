import { readMidi, type Note } from '../../src/midi/index.ts';
import { midiOf } from '../../src/music/output.ts';
import { notesByMidiFile, notesByTone } from './other-readers.ts';

/** A tick of the writer, and what the sums of seconds may be off. */
const TICK = 1 / 440 + 1e-9;

/** Writes notes as Etude does, and lists what Etude's own reader and two others do not read as it was, to a tick. */
export function differencesFromFile(notes: readonly Note[]): string[] {
  const bytes = midiOf(notes, { program: 0, isDrum: false });
  const { instruments, problems } = readMidi(bytes);
  const readings = {
    etude: instruments.flatMap((each) => each.notes),
    'midi-file': notesByMidiFile(bytes),
    'Tone.js': notesByTone(bytes),
  };
  const expected = notes.toSorted(byKeyAndStart);
  return [
    ...problems.map(({ message }) => message),
    ...Object.entries(readings).flatMap(([reader, read]) => {
      if (read.length !== notes.length) return [`${reader}: ${read.length} notes of ${notes.length}`];
      return read.toSorted(byKeyAndStart).flatMap((note, i) => {
        const { pitch, velocity, start, end } = expected[i];
        const alike = note.pitch === pitch && note.velocity === Math.round(velocity);
        const inTime = Math.abs(note.start - start) <= TICK && Math.abs(note.end - end) <= TICK;
        return alike && inTime ? [] : [`${reader}: ${JSON.stringify(note)} was ${JSON.stringify(expected[i])}`];
      });
    }),
  ];
}

function byKeyAndStart(a: Note, b: Note): number {
  return a.pitch - b.pitch || a.start - b.start;
}
