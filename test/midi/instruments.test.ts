import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../src/errors.ts';
import {
  chooseInstrument,
  describeInstrument,
  formatInstrumentChoice,
  InstrumentNotFoundError,
  parseInstrumentChoice,
  type InstrumentChoice,
} from '../../src/midi/instruments.ts';
import type { Instrument } from '../../src/midi/types.ts';

const notes = [{ pitch: 60, velocity: 80, start: 0, end: 1 }];
const drums: Instrument = { program: 0, isDrum: true, name: 'Kit', notes };
const violin: Instrument = { program: 40, isDrum: false, name: 'Solo Violin', notes };
const piano: Instrument = { program: 0, isDrum: false, name: 'Left Hand', notes };
const rightHand: Instrument = { program: 0, isDrum: false, name: 'Right Hand', notes };
const band = { instruments: [drums, violin, piano, rightHand] };

describe('chooseInstrument', () => {
  it('takes the first that is no drum kit, unless there is nothing else', () => {
    expect(chooseInstrument(band)).toBe(violin);
    expect(chooseInstrument(band, { by: 'first' })).toBe(violin);
    expect(chooseInstrument({ instruments: [drums] })).toBe(drums);
  });

  it('takes one by its place, its program, its General MIDI name, its track name, or as drums', () => {
    expect(chooseInstrument(band, { by: 'index', index: 0 })).toBe(drums);
    expect(chooseInstrument(band, { by: 'index', index: 3 })).toBe(rightHand);
    expect(chooseInstrument(band, { by: 'program', program: 0 })).toBe(piano);
    expect(chooseInstrument(band, { by: 'program', program: 'acoustic grand piano' })).toBe(piano);
    expect(chooseInstrument(band, { by: 'program', program: 'Viol' })).toBe(violin);
    expect(chooseInstrument(band, { by: 'name', name: 'HAND' })).toBe(piano);
    expect(chooseInstrument(band, { by: 'name', name: ' right ' })).toBe(rightHand);
    expect(chooseInstrument(band, { by: 'drums' })).toBe(drums);
  });

  it('makes one of all that are no drum kits', () => {
    expect(chooseInstrument(band, { by: 'all' })).toEqual({ program: 40, isDrum: false, name: '', notes });
    const choose = () => chooseInstrument({ instruments: [drums, drums] }, { by: 'all' });
    expect(choose).toThrow(InstrumentNotFoundError);
    expect(choose).toThrow('The file has no pitched instrument. It has 0: drums (program 0), "Kit", 1 note; 1: drums');
  });

  it.each<InstrumentChoice>([
    { by: 'index', index: 4 },
    { by: 'program', program: 56 },
    { by: 'program', program: 'trumpet' },
    { by: 'name', name: 'flute' },
  ])('lists what the file has when it has no %o', (choice) => {
    const choose = () => chooseInstrument(band, choice);
    expect(choose).toThrow(InstrumentNotFoundError);
    expect(choose).toThrow(DataError);
    expect(choose).toThrow(formatInstrumentChoice(choice));
    expect(choose).toThrow(
      '0: drums (program 0), "Kit", 1 note; 1: Violin (program 40), "Solo Violin", 1 note; 2: Acoustic Grand Piano (program 0), "Left Hand", 1 note; 3:',
    );
  });

  it('keeps the list short, and knows a file of no notes', () => {
    const crowd = { instruments: Array.from({ length: 500 }, () => piano) };
    const choose = () => chooseInstrument(crowd, { by: 'drums' });
    expect(choose).toThrow(/19: Acoustic.*; and 480 more\. Choose/);
    expect(() => chooseInstrument({ instruments: [] })).toThrow(/no notes/);
  });

  it.each([
    { by: 'index', index: -1 },
    { by: 'index', index: 1.5 },
    { by: 'program', program: 128 },
    { by: 'program', program: 'kazoo' },
    { by: 'name', name: ' ' },
    { by: 'colour' },
  ])('takes %o for a mistake of the caller, whatever the file', (choice) => {
    expect(() => chooseInstrument(band, choice as InstrumentChoice)).toThrow(UsageError);
  });
});

describe('parseInstrumentChoice', () => {
  it.each<[string, InstrumentChoice]>([
    ['first', { by: 'first' }],
    [' Drums ', { by: 'drums' }],
    ['ALL', { by: 'all' }],
    ['2', { by: 'index', index: 2 }],
    ['index:2', { by: 'index', index: 2 }],
    ['program:40', { by: 'program', program: 40 }],
    ['PROGRAM: Violin', { by: 'program', program: 'Violin' }],
    ['name:violin', { by: 'name', name: 'violin' }],
    ['name: Left: upper ', { by: 'name', name: 'Left: upper' }],
  ])('reads %j', (text, choice) => {
    expect(parseInstrumentChoice(text)).toEqual(choice);
  });

  it.each([
    '',
    'violin',
    '-1',
    '1.5',
    'index:',
    'index:x',
    'program:',
    'program:128',
    'program:-1',
    'program:kazoo',
    'name:',
    'x:1',
  ])('refuses %j and says what it takes', (text) => {
    expect(() => parseInstrumentChoice(text)).toThrow(UsageError);
  });

  it('reads back what formatInstrumentChoice writes', () => {
    const choice = fc.oneof(
      fc.constantFrom<InstrumentChoice>(
        { by: 'first' },
        { by: 'all' },
        { by: 'drums' },
        { by: 'program', program: 'Violin' },
      ),
      fc.nat().map((index): InstrumentChoice => ({ by: 'index', index })),
      fc.nat(127).map((program): InstrumentChoice => ({ by: 'program', program })),
      fc
        .string({ minLength: 1 })
        .filter((name) => name.trim() !== '')
        .map((name): InstrumentChoice => ({ by: 'name', name: name.trim() })),
    );
    fc.assert(
      fc.property(choice, (one) => {
        expect(parseInstrumentChoice(formatInstrumentChoice(one))).toEqual(one);
      }),
    );
  });
});

describe('describeInstrument', () => {
  it('spells out control characters, so that a track name cannot command a terminal', () => {
    const name = `\u001b[2J\u009b1m${'x'.repeat(100)}`;
    const words = describeInstrument({ ...piano, name });
    expect(words).toMatch(/^Acoustic Grand Piano \(program 0\), "\\u001b\[2J\\u009b1mx+…", 1 note$/);
    // eslint-disable-next-line no-control-regex
    expect(words).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});
