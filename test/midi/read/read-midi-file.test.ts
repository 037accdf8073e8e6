import { chmodSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../src/errors.ts';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import { readMidiFile } from '../../../src/midi/read/read-midi-file.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import { midiFile, noteOff, noteOn } from '../../support/midi-bytes.ts';

const bytes = midiFile([[noteOn(0, 60), noteOff(96, 60)]]);
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etude-read-'));
  writeFileSync(at('song.mid'), bytes);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function refusal(path: string, options = {}): MidiError {
  try {
    readMidiFile(path, options);
  } catch (error) {
    if (error instanceof MidiError) return error;
    throw error;
  }
  throw new Error('the file was read');
}

describe('readMidiFile', () => {
  it('reads what readMidi reads from the bytes', () => {
    expect(readMidiFile(at('song.mid'))).toEqual(readMidi(bytes));
  });

  it('tells a missing file, a folder and a device apart', () => {
    expect(refusal(at('no-such.mid'))).toMatchObject({ code: 'not-found', path: at('no-such.mid') });
    expect(refusal(at('song.mid/inside'))).toMatchObject({ code: 'not-found' });
    expect(refusal(folder)).toMatchObject({ code: 'is-directory', path: folder });
  });

  it.skipIf(process.platform === 'win32')('does not read devices, which may never end', () => {
    expect(refusal('/dev/zero')).toMatchObject({ code: 'not-a-file' });
  });

  it('says why a file cannot be read', () => {
    symlinkSync(at('loop.mid'), at('loop.mid'));
    expect(refusal(at('loop.mid'))).toMatchObject({ code: 'not-readable', path: at('loop.mid') });
    expect(refusal('a\0b')).toMatchObject({ code: 'not-readable' });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('names permissions', () => {
    writeFileSync(at('locked.mid'), bytes, { mode: 0o000 });
    const error = refusal(at('locked.mid'));
    chmodSync(at('locked.mid'), 0o600);
    expect(error).toMatchObject({ code: 'not-readable' });
    expect(error.message).toContain('permissions');
  });

  it('puts the path in front of what is wrong with the contents, and keeps the code', () => {
    writeFileSync(at('empty.mid'), '');
    const error = refusal(at('empty.mid'));
    expect(error).toMatchObject({ code: 'too-short', path: at('empty.mid') });
    expect(error).toBeInstanceOf(DataError);
    expect(error.message.startsWith(`${at('empty.mid')}: Expected a MIDI file`)).toBe(true);
  });

  it('refuses a huge file without reading it', () => {
    writeFileSync(at('huge.mid'), bytes);
    truncateSync(at('huge.mid'), 2 ** 40);
    const before = performance.now();
    expect(refusal(at('huge.mid'))).toMatchObject({ code: 'too-large', path: at('huge.mid') });
    expect(performance.now() - before).toBeLessThan(100);
    expect(refusal(at('song.mid'), { maxBytes: 10 })).toMatchObject({ code: 'too-large' });
  });

  it('asks for a sensible limit before it looks at the disk', () => {
    expect(() => readMidiFile(at('no-such.mid'), { maxBytes: -1 })).toThrow(UsageError);
  });
});
