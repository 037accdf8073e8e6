import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../src/midi/read/header.ts';
import type { MidiError } from '../../../src/midi/read/midi-error.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { chunk, endOfTrack, header, latin1 } from '../../support/midi-bytes.ts';

const track = chunk('MTrk', endOfTrack());

function read(...parts: number[][]) {
  const bytes = Uint8Array.from(parts.flat());
  const problems = new ProblemList();
  const result = readHeader(bytes, { start: 0, end: bytes.length }, problems);
  return { ...result, problems: problems.toArray().map(({ code }) => code) };
}

describe('readHeader', () => {
  it('gives format, tracks, division and where the chunks begin', () => {
    expect(read(header(1, 17, 480), track)).toEqual({
      format: 1,
      declaredTracks: 17,
      division: 480,
      bodyStart: 14,
      problems: [],
    });
  });

  it('honours a longer header, and junk after it', () => {
    const long = chunk('MThd', [0, 0, 0, 1, 0, 96, 7, 7, 7]);
    expect(read(long, track)).toMatchObject({ bodyStart: 17, problems: [] });
    expect(read(long, [0, 0], track)).toMatchObject({ bodyStart: 17, problems: [] });
  });

  it.each([
    ['shorter than it can be', 2],
    ['past the end', 1_000_000],
    ['into the middle of the first track', 12],
  ])('reads six bytes where the stated length is %s', (_, stated) => {
    const bytes = chunk('MThd', [0, 0, 0, 1, 0, 96], stated);
    expect(read(bytes, track)).toMatchObject({ bodyStart: 14, problems: ['header-length'] });
  });

  it('accepts any chunk after the header, not tracks alone', () => {
    expect(read(chunk('MThd', [0, 0, 0, 1, 0, 96, 0]), chunk('XFIH', latin1('x')), track)).toMatchObject({
      bodyStart: 15,
    });
  });

  it.each([
    ['no tracks', header(1, 0, 96), 'no-tracks'],
    ['no time base', header(1, 1, 0), 'bad-division'],
    ['SMPTE frames of no ticks', header(1, 1, 0xe800), 'bad-division'],
    ['a byte too few', header(1, 1, 96).slice(0, 13), 'bad-header'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => read(bytes, track)).toThrow(expect.objectContaining({ code }) as MidiError);
  });

  it('names formats and frame rates that there are not', () => {
    expect(read(header(3, 1, 0xe850), track)).toMatchObject({ format: 1, problems: ['unknown-format', 'smpte-time'] });
    expect(read(header(2, 1, 0xff01), track)).toMatchObject({
      format: 2,
      problems: ['format-2', 'smpte-time', 'smpte-rate'],
    });
  });
});
