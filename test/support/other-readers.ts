import tone from '@tonejs/midi';
import { parseMidi } from 'midi-file';
import type { Note } from '../../src/midi/types.ts';

/** A note with where it stood in the file. */
export type PlacedNote = Note & { track: number; channel: number; program: number };

/**
 * The notes of a file by midi-file's parser: its events, laid out in seconds by its first tempo.
 * @throws Error where a key is struck that still sounds, or let go that does not, since readers differ on what that means
 */
export function notesByMidiFile(bytes: Uint8Array): PlacedNote[] {
  const { header, tracks } = parseMidi(bytes);
  const tempo = tracks[0].find((event) => event.type === 'setTempo')!;
  const scale = tempo.microsecondsPerBeat / 1e6 / header.ticksPerBeat!;
  return tracks.flatMap((events, track) => {
    const sounding = new Map<string, { tick: number; velocity: number }>();
    const notes: PlacedNote[] = [];
    let tick = 0;
    let program = 0;
    for (const event of events) {
      tick += event.deltaTime;
      if (event.type === 'programChange') program = event.programNumber;
      if (event.type !== 'noteOn' && event.type !== 'noteOff') continue;
      const key = `${event.channel} ${event.noteNumber}`;
      const struck = sounding.get(key);
      if (event.velocity > 0 === (struck !== undefined)) throw new Error(`key ${key} is not played in turn at ${tick}`);
      if (!struck) {
        sounding.set(key, { tick, velocity: event.velocity });
        continue;
      }
      const { channel, noteNumber: pitch } = event;
      const { tick: onset, velocity } = struck;
      notes.push({ pitch, velocity, start: onset * scale, end: tick * scale, track, channel, program });
      sounding.delete(key);
    }
    return notes;
  });
}

/** The notes of a file by the reader of Tone.js. */
export function notesByTone(bytes: Uint8Array): Note[] {
  return new tone.Midi(bytes).tracks.flatMap(({ notes }) =>
    notes.map(({ midi, velocity, time, duration }) => ({
      pitch: midi,
      velocity: Math.round(127 * velocity),
      start: time,
      end: time + duration,
    })),
  );
}
