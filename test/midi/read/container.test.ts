import { describe, expect, it } from 'vitest';
import { findMidi } from '../../../src/midi/read/container.ts';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { latin1, midiFile, noteOff, noteOn } from '../../support/midi-bytes.ts';

const song = midiFile([[noteOn(0, 60), noteOff(96, 60)]]);

function find(bytes: Iterable<number>): { start: number; end: number; problems: string[] } {
  const problems = new ProblemList();
  const extent = findMidi(Uint8Array.from(bytes), problems);
  return { ...extent, problems: problems.toArray().map(({ code }) => code) };
}

function refusal(bytes: Iterable<number>): MidiError {
  try {
    find(bytes);
  } catch (error) {
    if (error instanceof MidiError) return error;
    throw error;
  }
  throw new Error('the file was taken');
}

const le32 = (n: number) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24];
const riff = (...chunks: number[][]) => [...latin1('RIFF'), ...le32(0), ...latin1('RMID'), ...chunks.flat()];
const riffChunk = (name: string, body: Iterable<number>, stated?: number) => {
  const bytes = [...body];
  return [...latin1(name), ...le32(stated ?? bytes.length), ...bytes, ...(bytes.length % 2 ? [0] : [])];
};

describe('findMidi', () => {
  it('takes a file from its first byte to its last', () => {
    expect(find(song)).toEqual({ start: 0, end: song.length, problems: [] });
  });

  it('looks past 4,096 bytes of something else, and no further', () => {
    expect(find([...new Array<number>(4096).fill(0x4d), ...song])).toMatchObject({
      start: 4096,
      problems: ['junk-before-header'],
    });
    expect(refusal([...new Array<number>(4097).fill(0), ...song]).code).toBe('not-midi');
  });

  it('finds the data chunk of RIFF after a long and odd one, and ends with it', () => {
    const info = riffChunk('LIST', new Array<number>(9001).fill(1));
    const start = 12 + info.length + 8;
    expect(find(riff(info, riffChunk('data', song), riffChunk('DLS ', [1, 2])))).toEqual({
      start,
      end: start + song.length,
      problems: ['riff'],
    });
  });

  it('takes the rest of the file where the length of the data chunk is 0 or past the end', () => {
    for (const stated of [0, 0xffffffff]) {
      expect(find(riff(riffChunk('data', song, stated)))).toMatchObject({ start: 20, problems: ['riff'] });
      expect(find(riff(riffChunk('data', song, stated))).end).toBeGreaterThanOrEqual(20 + song.length);
    }
  });

  it('searches a RIFF file whose chunks lead nowhere like any other', () => {
    expect(find(riff([...latin1('data'), ...le32(4), 0, 0, 0, 0], [...song]))).toMatchObject({
      start: 24,
      problems: ['junk-before-header'],
    });
  });

  it('refuses what is cut off before its tracks', () => {
    expect(refusal([]).code).toBe('too-short');
    expect(refusal(song.subarray(0, 13)).code).toBe('too-short');
    expect(refusal(song.subarray(0, 3)).code).toBe('not-midi');
  });

  it.each([
    ['a Git LFS pointer', latin1('version https://git-lfs.github.com/spec/v1\n'), 'git lfs pull'],
    ['a sound file', [...latin1('RIFF'), 0, 0, 0, 0, ...latin1('WAVEfmt ')], 'audio recording'],
    ['an MP3 file', [0xff, 0xfb, 0x90, 0x64], 'audio recording'],
    ['another RIFF file', [...latin1('RIFF'), 0, 0, 0, 0, ...latin1('AVI ')], 'RIFF'],
    ['a ZIP archive', [0x50, 0x4b, 3, 4], 'ZIP'],
    ['a gzip archive', [0x1f, 0x8b, 8], 'gzip'],
    ['a web page', latin1('\n<!DOCTYPE html><html>'), 'web page'],
    ['MusicXML', latin1('<?xml version="1.0"?><score-partwise>'), 'MusicXML'],
    ['something else', [0xde, 0xad], 'begins with de ad'],
  ])('says what %s is', (_, bytes, words) => {
    const { code, message } = refusal(bytes);
    expect(code).toBe('not-midi');
    expect(message).toContain(words);
  });
});
