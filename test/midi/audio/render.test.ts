import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { EtudeError, UsageError } from '../../../src/errors.ts';
import { renderAudio, TAIL_SECONDS, type RenderedAudio } from '../../../src/midi/audio/render.ts';
import { SoundFontError } from '../../../src/midi/audio/soundfont-bytes.ts';
import { keyFrequency } from '../../../src/midi/audio/strings.ts';
import { decodeWav, encodeWav } from '../../../src/midi/audio/wav.ts';
import { MidiError } from '../../../src/midi/read/midi-error.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { Instrument, Note } from '../../../src/midi/types.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import { midiFile, noteOff, noteOn, tempo, varLen } from '../../support/midi-bytes.ts';
import { sharedData } from '../../support/shared-data.ts';
import { firstDifference, peak, rms, strongestNear, toneAmplitude } from '../../support/spectrum.ts';
import { tinySoundFont } from '../../support/tiny-soundfont.ts';

const RATE = 16_000;
const note = (pitch: number, start: number, end: number): Note => ({ pitch, velocity: 90, start, end });
const instrument = (notes: Note[], isDrum = false): Instrument => ({ program: 0, isDrum, name: '', notes });
const piece = { instruments: [instrument([note(60, 0.25, 1), note(67, 1.5, 2)])] };
const bytes = writeMidi(piece.instruments);
/** The damper pedal: down from 64 on. */
const pedal = (delta: number, value: number): number[] => [...varLen(delta), 0xb0, 64, value];
const between = (samples: Float32Array, from: number, to: number): Float32Array =>
  samples.subarray(Math.round(from * RATE), Math.round(to * RATE));

describe.each([
  ['the additive piano', undefined],
  ['a SoundFont', tinySoundFont()],
] as const)('renderAudio with %s', (_, soundFont) => {
  const options = { sampleRate: RATE, soundFont };

  it('plays the notes where they stand, as loud as can be, and is silent before and after', async () => {
    for (const source of [bytes, piece]) {
      const { channels, sampleRate, synth, problems } = await renderAudio(source, options);
      expect([channels.length, sampleRate, synth]).toEqual([1, RATE, soundFont ? 'soundfont' : 'additive-piano']);
      expect(problems).toEqual([]);
      const [samples] = channels;
      expect(samples.length / RATE).toBeCloseTo(2 + TAIL_SECONDS, 2);
      expect(peak(samples)).toBe(1);
      expect(peak(between(samples, 0, 0.25))).toBe(0);
      for (const [pitch, from, to] of [
        [60, 0.3, 0.95],
        [67, 1.55, 1.95],
      ]) {
        const found = strongestNear(between(samples, from, to), keyFrequency(pitch), RATE);
        expect(Math.abs(1200 * Math.log2(found / keyFrequency(pitch)))).toBeLessThan(10);
      }
      expect(rms(between(samples, 2.4, 3))).toBeLessThan(0.01);
      expect(samples.at(-1)).toBeCloseTo(0, 12);
    }
  });

  it('plays the bytes of a file and what the reader made of them alike', async () => {
    const [fromBytes, fromNotes] = [await renderAudio(bytes, options), await renderAudio(readMidi(bytes), options)];
    expect(firstDifference(fromBytes.channels[0], fromNotes.channels[0])).toBe(-1);
  });

  it('makes the same WAV file every time', async () => {
    const [one, two] = [await renderAudio(bytes, options), await renderAudio(bytes, options)];
    const wav = encodeWav(one.channels, RATE);
    expect(Buffer.compare(encodeWav(two.channels, RATE), wav)).toBe(0);
    expect(decodeWav(wav).channels[0].length).toBe(one.channels[0].length);
  });

  it('renders the first seconds at the level of a whole piece', async () => {
    const { channels } = await renderAudio(bytes, { ...options, seconds: 0.75, stereo: true });
    expect(channels.map((channel) => channel.length)).toEqual([12_000, 12_000]);
    expect(Math.max(...channels.map(peak))).toBe(1);
  });

  it('renders a piece without notes as a second of silence', async () => {
    const { channels } = await renderAudio({ instruments: [] }, options);
    expect(firstDifference(channels[0], new Float32Array(TAIL_SECONDS * RATE))).toBe(-1);
  });

  it('refuses bad options and bad files with typed errors', async () => {
    await expect(renderAudio(bytes, { ...options, sampleRate: 5_000 })).rejects.toThrow(UsageError);
    await expect(renderAudio(bytes, { ...options, seconds: 0 })).rejects.toThrow(UsageError);
    await expect(renderAudio(new Uint8Array(20), options)).rejects.toThrow(MidiError);
    await expect(renderAudio({ instruments: [instrument([note(60, 2, 1)])] }, options)).rejects.toThrow(UsageError);
  });
});

describe('renderAudio', () => {
  it('mixes all instruments, drums as noise', async () => {
    const both = { instruments: [instrument([note(72, 0, 1)]), instrument([note(42, 0.5, 0.6)], true)] };
    const [samples] = (await renderAudio(both, { sampleRate: 44_100 })).channels;
    const hiss = (from: number): number =>
      toneAmplitude(samples.subarray(from * 44_100, (from + 0.05) * 44_100), 15_000, 44_100);
    expect(hiss(0.5)).toBeGreaterThan(20 * hiss(0.4));
    expect(strongestNear(samples.subarray(4_410, 17_640), keyFrequency(72), 44_100)).toBeCloseTo(keyFrequency(72), 0);
  });

  it('plays the pedal of a file through the SoundFont', async () => {
    // One note of 0.1 s under a pedal that stays down for 1 s, at 220 ticks a second.
    const file = midiFile([[pedal(0, 127), noteOn(0, 69), noteOff(22, 69), pedal(198, 0)]], { division: 110 });
    expect(readMidi(file).endTime).toBeCloseTo(0.1, 9);
    const options = { sampleRate: RATE, soundFont: tinySoundFont() };
    const [pedalled] = (await renderAudio(file, options)).channels;
    const [plain] = (await renderAudio(readMidi(file), options)).channels;
    expect(rms(between(pedalled, 0.5, 0.9))).toBeGreaterThan(0.3);
    expect(rms(between(plain, 0.5, 0.9))).toBeLessThan(0.03);
    expect(pedalled.length / RATE).toBeCloseTo(1 + TAIL_SECONDS, 2);
  });

  it('plays the pedal of a file under 4 KiB as that of a large one', async () => {
    const soundFont = tinySoundFont();
    // Node reads small files into the middle of a buffer that many share.
    const pool = Buffer.alloc(8_192, 0xaa);
    const render = async (name: string): Promise<RenderedAudio> => {
      const file = readFileSync(new URL(`../../fixtures/sound/${name}.mid`, import.meta.url));
      const pooled = pool.subarray(1_480, 1_480 + file.copy(pool, 1_480));
      expect(pooled.byteOffset).not.toBe(0);
      return renderAudio(pooled, { sampleRate: RATE, soundFont, seconds: 4 });
    };
    const [small, large, without] = [
      await render('q-pedal'),
      await render('q-pedal-padded-over-4K'),
      await render('q-nopedal'),
    ];
    for (const { problems, notesOnly } of [small, large, without])
      expect([problems, notesOnly]).toEqual([[], undefined]);
    const { notes } = readMidi(readFileSync(new URL('../../fixtures/sound/q-pedal.mid', import.meta.url)))
      .instruments[0];
    // The last tenths of a second before the next onset: the staccato note is long over unless the pedal holds it.
    const gaps = notes
      .slice(0, 7)
      .map(({ end }, i) => [Math.max(end + 0.15, notes[i + 1].start - 0.1), notes[i + 1].start]);
    const loudness = ({ channels }: RenderedAudio): number[] =>
      gaps.map(([from, to]) => rms(between(channels[0], from, to)));
    expect(gaps.every(([from, to]) => from < to)).toBe(true);
    expect(firstDifference(small.channels[0], large.channels[0].subarray(0, small.channels[0].length))).toBe(-1);
    expect(Math.min(...loudness(small))).toBeGreaterThan(10 * Math.max(...loudness(without)));
  });

  it.each([
    ['smpte-30-80', 'read-otherwise', /the synthesizer would play .* otherwise .*\(smpte-time\)/],
    ['truncated-in-note', 'damaged', /the file is damaged \(undecodable-event\)/],
    ['header-length-12', 'refused', /the synthesizer does not read the file \(.*header chunk size.*\)/],
  ])('plays the notes alone of the file %s, and says the reason: %s', async (name, reason, message) => {
    const file = readFileSync(new URL(`../../fixtures/hostile/${name}.mid`, import.meta.url));
    const { problems, notesOnly } = await renderAudio(file, { sampleRate: 8_000, soundFont: tinySoundFont() });
    expect(notesOnly).toBe(reason);
    expect(problems.at(-1)).toMatchObject({ code: 'notes-only', severity: 'note' });
    expect(problems.at(-1)!.message).toMatch(/^Only the notes are played, without pedals and controllers: /);
    expect(problems.at(-1)!.message).toMatch(message);
  });

  it('plays the notes alone where the synthesizer reads the file but not all of it, and says how much', async () => {
    const { BasicMIDI } = await import('spessasynth_core');
    const first = writeMidi([instrument(piece.instruments[0].notes.slice(0, 1))]);
    const short = BasicMIDI.fromArrayBuffer(new Uint8Array(first).buffer);
    const reader = vi.spyOn(BasicMIDI, 'fromArrayBuffer').mockReturnValueOnce(short);
    const { problems, notesOnly, channels } = await renderAudio(bytes, {
      sampleRate: RATE,
      soundFont: tinySoundFont(),
    });
    reader.mockRestore();
    expect(notesOnly).toBe('cut-short');
    expect(problems.at(-1)!.message).toMatch(/reads 1\.0 s of the file, whose last note ends at 2\.0 s\.$/);
    expect(rms(between(channels[0], 1.6, 1.9))).toBeGreaterThan(0.1);
  });

  it('plays only the notes of a file that the synthesizer reads otherwise, and says so', async () => {
    const smpte = bytes.slice();
    smpte.set([0xe7, 40], 12); // 25 frames a second of 40 ticks
    const { problems, channels } = await renderAudio(smpte, { sampleRate: RATE, soundFont: tinySoundFont() });
    expect(problems.map((problem) => problem.code)).toEqual(['smpte-time', 'notes-only']);
    expect(channels[0].length / RATE).toBeCloseTo(readMidi(smpte).endTime + TAIL_SECONDS, 1);
  });

  it('does not let a controller long after the last note make the piece longer', async () => {
    const file = midiFile([[noteOn(0, 69), noteOff(110, 69), pedal(100_000, 0)]], { division: 110 });
    const { channels, problems } = await renderAudio(file, { sampleRate: 8_000, soundFont: tinySoundFont() });
    expect(problems).toEqual([]);
    expect(channels[0].length / 8_000).toBeCloseTo(0.5 + 10 + TAIL_SECONDS, 6);
  });

  it('plays a tempo outside the first track as the reader has it: by default as players do, as pretty_midi not at all', async () => {
    const slow = [tempo(0, 2_000_000), noteOn(110, 69), noteOff(110, 69)];
    const file = midiFile([[], slow], { division: 110 });
    const played = await renderAudio(file, { sampleRate: RATE, soundFont: tinySoundFont() });
    expect(played.problems.map((problem) => problem.code)).toEqual(['tempo-in-other-track']);
    expect(played.channels[0].length / RATE).toBeCloseTo(4 + TAIL_SECONDS, 1);
    const { channels, problems } = await renderAudio(file, {
      sampleRate: RATE,
      soundFont: tinySoundFont(),
      reading: { compat: 'pretty_midi' },
    });
    expect(problems.map((problem) => problem.code)).toEqual(['tempo-outside-first-track', 'notes-only']);
    expect(channels[0].length / RATE).toBeCloseTo(1 + TAIL_SECONDS, 1);
    expect(rms(between(channels[0], 0.6, 0.9))).toBeGreaterThan(0.1);
  });

  it('refuses a SoundFont that is none', async () => {
    await expect(renderAudio(bytes, { sampleRate: RATE, soundFont: bytes })).rejects.toThrow(SoundFontError);
  });

  it('does not load the synthesizer unless a SoundFont is given', async () => {
    let loaded = 0;
    vi.resetModules();
    vi.doMock('spessasynth_core', async (original) => {
      loaded++;
      return await original();
    });
    try {
      const fresh = await import('../../../src/midi/audio/render.ts');
      await fresh.renderAudio(bytes, { sampleRate: RATE });
      expect(loaded).toBe(0);
      await fresh.renderAudio(bytes, { sampleRate: RATE, soundFont: tinySoundFont() });
      expect(loaded).toBe(1);
    } finally {
      vi.doUnmock('spessasynth_core');
      vi.resetModules();
    }
  });
});

const suite = sharedData('midi-suite/hostile');
describe.skipIf(suite.missing)(`renderAudio of damaged files${suite.missing ? ` (${suite.missing})` : ''}`, () => {
  it('plays, or refuses with a typed error, each of them, in the length of its notes', async () => {
    const soundFont = tinySoundFont();
    for (const name of readdirSync(suite.path).filter((each) => each.endsWith('.mid'))) {
      const file = readFileSync(join(suite.path, name));
      for (const options of [{ sampleRate: 8_000 }, { sampleRate: 8_000, soundFont }]) {
        try {
          const { channels } = await renderAudio(file, options);
          expect(channels[0].every(Number.isFinite)).toBe(true);
          expect(Math.abs(channels[0].length / 8_000 - readMidi(file).endTime - TAIL_SECONDS), name).toBeLessThan(0.5);
        } catch (thrown) {
          expect(thrown, name).toBeInstanceOf(EtudeError);
          expect((thrown as Error).message, name).not.toMatch(/^internal/);
        }
      }
    }
  });
});
