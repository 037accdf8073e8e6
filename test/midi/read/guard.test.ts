import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guard } from '../../../src/midi/read/guard.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { arbitrarySpelling, arbitraryTrack, spell } from '../../support/arbitrary-midi.ts';
import * as midi from '../../support/midi-bytes.ts';
import { writtenTracks } from '../../support/packets.ts';

function guarded(bytes: Uint8Array, compat?: 'pretty_midi') {
  const problems = new ProblemList();
  return { ...guard(bytes, { compat, maxNotes: Infinity }, problems), problems: problems.toArray() };
}

describe('guard', () => {
  it('spells all spellings of a file alike, and its own again', () => {
    const plain = { runningStatus: false, offAsOn: false, paddedDeltas: false, fillers: [] };
    fc.assert(
      fc.property(arbitraryTrack, arbitrarySpelling, (events, spelling) => {
        const file = (how: typeof spelling) =>
          Uint8Array.from([...midi.header(0, 1, 96), ...midi.chunk('MTrk', spell(events, how))]);
        const canonical = guarded(file({ ...plain, offAsOn: spelling.offAsOn }));
        expect(writtenTracks(guarded(file(spelling)))).toEqual(writtenTracks(canonical));
        const again = [...midi.header(0, 1, 96), ...midi.chunk('MTrk', writtenTracks(canonical).flat())];
        expect(writtenTracks(guarded(Uint8Array.from(again)))).toEqual(writtenTracks(canonical));
      }),
    );
  });

  it('names the track, the byte and what was done, for people', () => {
    const good = midi.chunk('MTrk', [...midi.noteOn(0, 60), ...midi.noteOff(96, 60), ...midi.endOfTrack()]);
    const bad = midi.chunk('MTrk', [...midi.noteOn(0, 60), 0, 0xff, 1, 99, 0]);
    const { problems } = guarded(Uint8Array.from([...midi.header(1, 3, 96), ...good, ...bad]));
    expect(problems).toEqual([
      {
        code: 'undecodable-event',
        severity: 'damage',
        message: 'Track 2: a meta event goes on past the end at byte 46; the last 5 bytes of the track were left out.',
      },
      { code: 'missing-tracks', severity: 'damage', message: 'The header declares 3 tracks; 2 could be found.' },
    ]);
  });

  it('speaks of one thing and of several in good grammar', () => {
    const messagesOf = (events: number[], after: number[] = []) =>
      guarded(Uint8Array.from([...midi.header(0, 1, 96), ...midi.chunk('MTrk', events), ...after])).problems.map(
        ({ message }) => message,
      );
    const key = midi.meta(0, 0x59, [12, 0]);
    const end = midi.endOfTrack();
    expect(messagesOf([...key, ...end])).toEqual(['Track 1: 1 key signature that names no key; left out.']);
    expect(messagesOf([...key, ...key, ...end])).toEqual(['Track 1: 2 key signatures that name no key; left out.']);
    expect(messagesOf(end, [0])).toEqual(['After the last track, 1 byte was ignored.']);
    expect(messagesOf(end, [0, 0])).toEqual(['After the last track, 2 bytes were ignored.']);
    expect(messagesOf([0, 0x90])[0]).toMatch(/the last 2 bytes of the track were left out\.$/);
    expect(messagesOf([0])[0]).toMatch(/the last byte of the track was left out\.$/);
  });

  it('reads tracks that the header does not declare, unless it shall read as pretty_midi does', () => {
    const track = midi.chunk('MTrk', [...midi.program(0, 1), ...midi.endOfTrack()]);
    const bytes = Uint8Array.from([...midi.header(1, 2, 96), ...track, ...track, ...track]);
    const read = (compat?: 'pretty_midi') => {
      const { packets, problems } = guarded(bytes, compat);
      return [packets.map((packet) => packet.track), problems.map(({ code, severity }) => `${code}: ${severity}`)];
    };
    expect(read()).toEqual([[0, 1, 2], ['undeclared-tracks: note']]);
    expect(read('pretty_midi')).toEqual([[0, 1], ['extra-tracks: damage']]);
  });
});
