import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { checkedCharset, decodeLatin1, decodeName, encodeName } from '../../../src/midi/read/charset.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import * as midi from '../../support/midi-bytes.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const auto = (of: Uint8Array | number[]) => decodeName(Uint8Array.from(of), 'auto');
const utf16 = (text: string, order: 'le' | 'be', mark: boolean): Uint8Array => {
  const le = Buffer.from(mark ? `\ufeff${text}` : text, 'utf16le');
  return order === 'le' ? le : le.swap16();
};

describe('a name', () => {
  it.each(['Piano', 'Für Elise', 'Étude – “1”', 'ピアノ', '练习曲', 'Скрипка', '🎹'])(
    'in UTF-8 comes as written: %s',
    (name) => {
      expect(auto(Buffer.from(name))).toBe(name);
      expect(auto(Buffer.from(`\ufeff${name}`))).toBe(name);
    },
  );

  it.each(['Piano', 'Für Elise', 'ピアノ', 'Скрипка'])('in UTF-16 with its mark comes as written: %s', (name) => {
    expect(auto(utf16(name, 'le', true))).toBe(name);
    expect(auto(utf16(name, 'be', true))).toBe(name);
  });

  it('in UTF-16 without a mark is known by its zeros', () => {
    expect(auto(utf16('Für Elise', 'le', false))).toBe('Für Elise');
    expect(auto(utf16('Für Elise', 'be', false))).toBe('Für Elise');
  });

  it.each([
    ['83 73 83 41 83 6d', 'ピアノ'],
    ['83 6f 83 43 83 49 83 8a 83 93', 'バイオリン'],
    ['82 d2 82 a0 82 cc', 'ぴあの'],
    ['8b d5', '琴'],
    ['89 45 8e e8', '右手'],
    ['cb df b1 c9', 'ﾋﾟｱﾉ'],
    ['50 69 61 6e 6f 89 45 8e e8', 'Piano右手'],
    ['47 74 8d b6', 'Gt左'],
    ['91 e6 31 8a 79 8f cd', '第1楽章'],
  ])('in Shift-JIS, %s, is %s', (hex, name) => {
    expect(auto(bytes(hex))).toBe(name);
  });

  it.each([
    'Für Elise',
    'Träumerei',
    'Gärten',
    'Mädchen',
    'Ständchen',
    'Étude',
    'prélude en ré',
    'Polonaise héroïque',
    'Ave María',
    'São Paulo',
    'Übung',
    'Björk',
    'N° 3',
    '© 1998',
    'Señor',
    'Führ’ mich – „so“',
  ])('in Latin-1 comes as written, though much of it can be read as Shift-JIS: %s', (name) => {
    const windows: Record<string, number> = { '’': 0x92, '–': 0x96, '„': 0x84, '“': 0x93 };
    expect(auto([...name].map((letter) => windows[letter] ?? letter.charCodeAt(0)))).toBe(name);
  });

  it('is decoded by the charset that is named', () => {
    const greek = [0xc1, 0xe1];
    expect(decodeName(Uint8Array.from(greek), checkedCharset('windows-1253'))).toBe('Αα');
    expect(decodeName(bytes('83 73'), checkedCharset('Shift_JIS'))).toBe('ピ');
    for (const wrong of ['', 'klingon']) expect(() => checkedCharset(wrong)).toThrow(UsageError);
  });

  it('that is written comes back as it was, whatever letters it has', () => {
    const latin = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
    const text = fc.oneof(fc.string({ unit: 'binary' }), latin, fc.constantFrom('\ufeffa', 'a\0b\0', 'Ã¤', 'ｱ', '琴'));
    fc.assert(
      fc.property(text, (name) => {
        const notes = [{ pitch: 60, velocity: 80, start: 0, end: 1 }];
        const written = writeMidi([{ program: 0, isDrum: false, name, notes }]);
        expect(readMidi(written).instruments[0].name).toBe(name);
      }),
    );
  });

  it('of Latin letters is written as pretty_midi writes it', () => {
    expect([...encodeName('Für Elise')]).toEqual(midi.latin1('Für Elise'));
    expect([...encodeName('Gär')]).toEqual(midi.latin1('Gär'));
  });
});

describe('readMidi', () => {
  const named = (text: Uint8Array) =>
    midi.midiFile([[midi.meta(0, 3, [...text]), midi.noteOn(0, 60), midi.noteOff(9, 60)]]);

  it('decodes names by what they can be, by the charset it is given, and as pretty_midi by Latin-1', () => {
    const sjis = named(bytes('83 73 83 41 83 6d'));
    expect(readMidi(sjis).instruments[0].name).toBe('ピアノ');
    expect(readMidi(sjis, { charset: 'latin1' }).instruments[0].name).toBe('ƒsƒAƒm');
    expect(readMidi(sjis, { compat: 'pretty_midi' }).instruments[0].name).toBe('\u0083s\u0083A\u0083m');
    expect(readMidi(sjis, { compat: 'pretty_midi', charset: 'shift_jis' }).instruments[0].name).toBe('ピアノ');
    expect(() => readMidi(sjis, { charset: 'klingon' })).toThrow(/"klingon" is none/);
  });

  it('reads a name of a hundred thousand letters', () => {
    const long = new Uint8Array(100_000).fill(0xe9);
    expect(decodeLatin1(long)).toBe('é'.repeat(100_000));
    expect(readMidi(named(long), { charset: 'latin1' }).instruments[0].name).toHaveLength(100_000);
  });
});
