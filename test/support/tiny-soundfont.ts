/**
 * A SoundFont of one sine wave, made here, so that the SoundFont path is tested where no SoundFont is installed. Layout:
 * "SoundFont Technical Specification" 2.04, E-mu Systems 2006, chapters 4 to 7.
 *
 * @param rootKey the key at which the sine has 440 Hz; with another than 69 the SoundFont is out of tune
 */
export function tinySoundFont(rootKey = 69): Uint8Array {
  const period = 100;
  const sampleRate = 44_000; // 440 Hz, key 69
  const frames = 20 * period;
  const smpl = new Int16Array(frames + 46); // the 46 zero frames that the specification asks for
  for (let i = 0; i < frames; i++) smpl[i] = Math.round(20_000 * Math.sin((2 * Math.PI * i) / period));

  const preset = (name: string, bag: number): number[] => [...text(name, 20), ...u16(0, 0, bag), ...u32(0, 0, 0)];
  const shdr = [
    ...[...text('sine', 20), ...u32(0, frames, period, frames - period, sampleRate), rootKey, 0, ...u16(0, 1)],
    ...[...text('EOS', 20), ...new Uint8Array(26)],
  ];
  const [INSTRUMENT, SAMPLE_ID, SAMPLE_MODES] = [41, 53, 54];
  const pdta = [
    ...chunk('phdr', [...preset('Sine', 0), ...preset('EOP', 1)]),
    ...chunk('pbag', u16(0, 0, 1, 0)),
    ...chunk('pmod', new Uint8Array(10)),
    ...chunk('pgen', u16(INSTRUMENT, 0, 0, 0)),
    ...chunk('inst', [...text('Sine', 20), ...u16(0), ...text('EOI', 20), ...u16(1)]),
    ...chunk('ibag', u16(0, 0, 2, 0)),
    ...chunk('imod', new Uint8Array(10)),
    ...chunk('igen', u16(SAMPLE_MODES, 1, SAMPLE_ID, 0, 0, 0)),
    ...chunk('shdr', shdr),
  ];
  const info = [
    ...chunk('ifil', u16(2, 4)),
    ...chunk('isng', text('EMU8000', 8)),
    ...chunk('INAM', text('One sine', 10)),
  ];
  const body = [
    ...text('sfbk', 4),
    ...chunk('LIST', [...text('INFO', 4), ...info]),
    ...chunk('LIST', [...text('sdta', 4), ...chunk('smpl', new Uint8Array(smpl.buffer))]),
    ...chunk('LIST', [...text('pdta', 4), ...pdta]),
  ];
  return Uint8Array.from(chunk('RIFF', body));
}

function chunk(name: string, body: ArrayLike<number>): number[] {
  return [...text(name, 4), ...u32(body.length), ...Array.from(body)];
}

function text(value: string, length: number): number[] {
  return Array.from({ length }, (_, i) => (i < value.length ? value.charCodeAt(i) : 0));
}

function u16(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, value >> 8]);
}

function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24]);
}
