import MidiParser from 'midi-parser-js';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import { parsePacket } from '../../../src/midi/read/parse.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import { cases } from '../../fixtures/hostile/make.mjs';
import * as midi from '../../support/midi-bytes.ts';

const file = midi.midiFile([
  [midi.tempo(0, 500_000)],
  [midi.trackName(0, 'Né'), midi.noteOn(5, 60), midi.noteOff(96, 60)],
]);

afterEach(() => {
  MidiParser.customInterpreter = null;
  MidiParser.debug = false;
  vi.restoreAllMocks();
});

const packet = midi.midiFile([[midi.trackName(0, 'Né'), midi.noteOn(5, 60), midi.noteOff(96, 60)]]);

describe('parsePacket', () => {
  it('gives what midi-parser-js reads from canonical bytes', () => {
    expect(parsePacket(packet, 4)).toEqual([
      { deltaTime: 0, type: 255, metaType: 3, data: 'Né' },
      { deltaTime: 5, type: 9, channel: 0, data: [60, 80] },
      { deltaTime: 96, type: 8, channel: 0, data: [60, 64] },
      { deltaTime: 0, type: 255, metaType: 0x2f },
    ]);
  });

  it.each<[string, Uint8Array, number]>([
    ['fewer events than were written', packet, 5],
    ['more events than were written', packet, 3],
    ['another number of tracks', file, 2],
    ['an error', packet.subarray(1), 4],
  ])('refuses %s as a defect', (_, bytes, events) => {
    vi.spyOn(console, 'warn').mockReturnValue();
    expect(() => parsePacket(bytes, events)).toThrow(expect.objectContaining({ code: 'parser-mismatch' }) as MidiError);
  });
});

describe('what midi-parser-js keeps for all its users', () => {
  it('neither runs nor changes under readMidi, and nothing is printed', () => {
    const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const printed = methods.map((method) => vi.spyOn(console, method));
    const interpreter = vi.fn(() => 1);
    MidiParser.customInterpreter = interpreter;
    MidiParser.debug = true;
    const before = readMidi(file);
    for (const { bytes } of cases) {
      try {
        readMidi(Uint8Array.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(MidiError);
      }
    }
    expect(readMidi(file)).toEqual(before);
    expect(interpreter).not.toHaveBeenCalled();
    expect(MidiParser).toMatchObject({ customInterpreter: interpreter, debug: true });
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });

  it('leaves no global behind', () => {
    expect(globalThis).not.toHaveProperty('MidiParser');
    expect(globalThis).not.toHaveProperty('customInterpreter');
  });

  it('is reached from one file of src', () => {
    const src = resolve(import.meta.dirname, '../../../src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name));
    const importers = files.filter((name) =>
      /(from|import\()\s*'midi-parser-js'/.test(readFileSync(join(src, name), 'utf8')),
    );
    expect(importers).toEqual([join('midi', 'read', 'parse.ts')]);
  });
});
