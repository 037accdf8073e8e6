import { describe, expect, it } from 'vitest';

import { DataError } from '../../../src/errors.ts';
import { isMaestroCsv, parseMaestroCsv } from '../../../src/midi/corpus/maestro.ts';

const HEADER = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration';

describe("MAESTRO's list", () => {
  it('is known by its name, of any version', () => {
    expect(isMaestroCsv('maestro-v2.0.0.csv')).toBe(true);
    expect(isMaestroCsv('MAESTRO-v3.0.0.CSV')).toBe(true);
    expect(isMaestroCsv('maestro-v2.0.0.json')).toBe(false);
    expect(isMaestroCsv('my-maestro-v2.0.0.csv')).toBe(false);
  });

  it('names file, split and piece, quoted fields and all', () => {
    const text = `${HEADER}
Alban Berg,Sonata Op. 1,train,2018,2018/one.midi,2018/one.wav,698.6
Johann Sebastian Bach,"Prelude and Fugue in C ""WTC I"", BWV 846",validation,2011,2011/two.midi,2011/two.wav,1
,,test,2009,2009/three.midi,2009/three.wav,1
`;
    expect(parseMaestroCsv(text, 'list')).toEqual([
      { file: '2018/one.midi', split: 'train', name: 'Alban Berg: Sonata Op. 1' },
      {
        file: '2011/two.midi',
        split: 'validation',
        name: 'Johann Sebastian Bach: Prelude and Fugue in C "WTC I", BWV 846',
      },
      { file: '2009/three.midi', split: 'test', name: 'three' },
    ]);
  });

  it('may have its columns in another order, a byte order mark and Windows line ends', () => {
    const text = '\ufeffmidi_filename,split\r\na.midi,train\r\n';
    expect(parseMaestroCsv(text, 'list')).toEqual([{ file: 'a.midi', split: 'train', name: 'a' }]);
  });

  it.each([
    ['no lines', HEADER, /lists no files/],
    ['nothing at all', '', /lists no files/],
    ['no split column', 'midi_filename\na.midi\n', /entry 1: expected the columns midi_filename and split/],
    ['an unknown split', 'midi_filename,split\na.midi,train\nb.midi,dev\n', /entry 2: expected the split .* got "dev"/],
    ['a line too short', `${HEADER}\nAlban Berg,Sonata\n`, /cannot be read as CSV/],
    ['an open quote', `${HEADER}\n"Alban`, /cannot be read as CSV/],
    ['a way out of the folder', 'midi_filename,split\n2018/../../secret.mid,train\n', /no path inside/],
    ['an absolute path', 'midi_filename,split\n/etc/passwd,train\n', /no path inside/],
    ['a drive', 'midi_filename,split\nC:x.mid,train\n', /no path inside/],
    ['a backslash', 'midi_filename,split\n..\\x.mid,train\n', /no path inside/],
    ['a NUL', 'midi_filename,split\na\0.mid,train\n', /no path inside/],
    ['an empty file name', 'midi_filename,split\n,train\n', /no path inside/],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parseMaestroCsv(text, 'list')).toThrow(DataError);
    expect(() => parseMaestroCsv(text, 'list')).toThrow(message);
  });
});
