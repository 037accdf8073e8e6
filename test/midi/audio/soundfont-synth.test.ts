import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { renderWithSoundFont } from '../../../src/midi/audio/soundfont-synth.ts';
import { findSoundFont, SOUND_FONT_ADVICE } from '../../../src/midi/audio/soundfont.ts';
import { SoundFontError } from '../../../src/midi/audio/soundfont-bytes.ts';
import { keyFrequency } from '../../../src/midi/audio/strings.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import { firstDifference, peak, rms, strongestNear, toneAmplitude } from '../../support/spectrum.ts';
import { tinySoundFont } from '../../support/tiny-soundfont.ts';

const RATE = 16_000;
const options = { sampleRate: RATE, tail: 1 };
/** Three notes, one after the other, half a second of silence before and between. */
const PITCHES = [48, 69, 76];
const notes = PITCHES.map((pitch, i) => ({ pitch, velocity: 90, start: 0.5 + i, end: 1 + i }));
const midi = writeMidi([{ program: 0, isDrum: false, name: '', notes }]);
const song = { candidates: [midi], endTime: 3 };
const between = (samples: Float32Array, from: number, to: number): Float32Array =>
  samples.subarray(Math.round(from * RATE), Math.round(to * RATE));

describe('renderWithSoundFont', () => {
  it('plays each note at its frequency and time, the silence before the first one too', async () => {
    const { left, right } = await renderWithSoundFont(song, tinySoundFont(), options);
    for (const channel of [left, right]) {
      expect(channel.length).toBe(4 * RATE);
      expect(peak(between(channel, 0, 0.5))).toBe(0);
      PITCHES.forEach((pitch, i) => {
        const held = between(channel, 0.55 + i, 0.95 + i);
        expect(Math.abs(Math.log2(strongestNear(held, keyFrequency(pitch), RATE) / keyFrequency(pitch)))).toBeLessThan(
          0.002,
        );
        // Nothing sounds of the note after its release but the reverberation.
        expect(rms(between(channel, 1.2 + i, 1.5 + i))).toBeLessThan(0.05 * rms(held));
      });
    }
  });

  it('begins a note at most one block after its time', async () => {
    const { left } = await renderWithSoundFont(song, tinySoundFont(), options);
    const onset = left.findIndex((x) => Math.abs(x) > 1e-4);
    expect(onset).toBeGreaterThanOrEqual(0.5 * RATE);
    expect(onset).toBeLessThanOrEqual(0.5 * RATE + 48);
  });

  it('gives the same samples for the same input, and leaves the input alone', async () => {
    const soundFont = tinySoundFont();
    const once = await renderWithSoundFont(song, soundFont, options);
    const [soundFontBefore, midiBefore] = [tinySoundFont(), midi.slice()];
    const twice = await renderWithSoundFont(song, soundFont, options);
    expect(firstDifference(twice.left, once.left)).toBe(-1);
    expect(firstDifference(twice.right, once.right)).toBe(-1);
    expect(soundFont).toEqual(soundFontBefore);
    expect(midi).toEqual(midiBefore);
  });

  it('reads from views into larger buffers', async () => {
    const shifted = (bytes: Uint8Array): Uint8Array => new Uint8Array([1, 2, 3, ...bytes, 4]).subarray(3, -1);
    const views = { candidates: [shifted(midi)], endTime: 3 };
    // As Node reads a small file: in the middle of a buffer that others share, with a slice() that copies nothing.
    const pooled = Buffer.from(shifted(midi).buffer, 3, midi.length);
    const fromBuffer = await renderWithSoundFont({ candidates: [pooled], endTime: 3 }, tinySoundFont(), options);
    const fromViews = await renderWithSoundFont(views, shifted(tinySoundFont()), options);
    const plain = await renderWithSoundFont(song, tinySoundFont(), options);
    expect(firstDifference(fromViews.left, plain.left)).toBe(-1);
    expect(firstDifference(fromBuffer.left, plain.left)).toBe(-1);
  });

  it('renders only the seconds that were asked for', async () => {
    const { left } = await renderWithSoundFont(song, tinySoundFont(), { ...options, seconds: 1.25 });
    expect(left.length).toBe(1.25 * RATE);
    await expect(renderWithSoundFont(song, tinySoundFont(), { ...options, seconds: -1 })).rejects.toThrow(UsageError);
  });

  it('takes the first candidate that is read up to the last note, and says why not those before it', async () => {
    const garbage = new TextEncoder().encode('not a MIDI file at all');
    const short = writeMidi([{ program: 0, isDrum: false, name: '', notes: notes.slice(0, 2) }]);
    const rendering = await renderWithSoundFont(
      { candidates: [garbage, short, midi], endTime: 3 },
      tinySoundFont(),
      options,
    );
    expect(rendering.played).toBe(2);
    expect(rendering.refusals).toEqual([
      { reason: 'refused', message: expect.stringContaining('Expected "MThd"') },
      { reason: 'cut-short', seconds: expect.closeTo(2, 1) },
    ]);
    expect(firstDifference(rendering.left, (await renderWithSoundFont(song, tinySoundFont(), options)).left)).toBe(-1);
  });

  it('lets a fault of the synthesizer be seen; only its refusal of a file lets another be played', async () => {
    const { BasicMIDI } = await import('spessasynth_core');
    const reader = vi.spyOn(BasicMIDI, 'fromArrayBuffer').mockImplementationOnce(() => {
      throw new TypeError('a fault');
    });
    await expect(renderWithSoundFont(song, tinySoundFont(), options)).rejects.toThrow(/^a fault$/);
    reader.mockRestore();
  });

  it('plays with the SoundFont that was asked for, not with one inside the MIDI file', async () => {
    const chunk = (name: string, body: Uint8Array): Uint8Array => {
      const padded = new Uint8Array(8 + body.length + (body.length % 2));
      padded.set(Buffer.from(name));
      new DataView(padded.buffer).setUint32(4, body.length, true);
      padded.set(body, 8);
      return padded;
    };
    const octaveTooHigh = tinySoundFont(57);
    // DBNK 0: the presets of the inner SoundFont take the place of those of the same number.
    const bankOffset = chunk('LIST', Buffer.concat([Buffer.from('INFO'), chunk('DBNK', Uint8Array.of(0, 0))]));
    const file = chunk('RIFF', Buffer.concat([Buffer.from('RMID'), chunk('data', midi), bankOffset, octaveTooHigh]));
    const { left } = await renderWithSoundFont({ candidates: [file], endTime: 3 }, tinySoundFont(), options);
    const held = between(left, 1.55, 1.95);
    expect(toneAmplitude(held, 440, RATE)).toBeGreaterThan(20 * toneAmplitude(held, 880, RATE));
  });

  it('prints nothing, and leaves the log of the synthesizer as it was', async () => {
    const { SpessaLog } = await import('spessasynth_core');
    const spies = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
    const warn = vi.spyOn(SpessaLog.logFunctions, 'warn');
    const empty = writeMidi([]); // makes the synthesizer warn
    await renderWithSoundFont({ candidates: [empty], endTime: 0 }, tinySoundFont(), options);
    expect(SpessaLog.warnEnabled).toBe(true);
    for (const spy of [...spies, warn]) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('answers a SoundFont cut short anywhere with a SoundFontError', async () => {
    const whole = tinySoundFont().subarray(0, -46); // the last record says only that there are no more
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        const cut = whole.subarray(0, length);
        await expect(renderWithSoundFont(song, cut, { ...options, seconds: 0.1 })).rejects.toThrow(SoundFontError);
      }),
      { numRuns: 25 },
    );
  });

  it('answers bytes that are no SoundFont with a SoundFontError', async () => {
    await expect(renderWithSoundFont(song, midi, options)).rejects.toThrow(/sfbk/);
    await expect(renderWithSoundFont(song, new Uint8Array(0), options)).rejects.toThrow(SoundFontError);
  });
});

/** The real SoundFonts of this machine: whatever the search finds, and the SF3 of the npm package. */
const REAL: [kind: string, path: string | undefined][] = [
  ['the SoundFont of this machine', findSoundFont()?.path],
  ['the SF3 of the npm package', findSoundFont({ env: {}, folders: [] })?.path],
];

for (const [kind, path] of REAL) {
  describe.skipIf(path === undefined)(
    `${kind}${path === undefined ? ` (skipped: none; ${SOUND_FONT_ADVICE})` : ''}`,
    () => {
      it('plays a piano at the right pitch and lets go of the keys', async () => {
        const { left } = await renderWithSoundFont(song, readFileSync(path!), options);
        expect(left.length).toBe(4 * RATE);
        expect(left.every(Number.isFinite)).toBe(true);
        expect(peak(between(left, 0, 0.5))).toBe(0);
        PITCHES.forEach((pitch, i) => {
          const held = between(left, 0.55 + i, 0.95 + i);
          const found = strongestNear(held, keyFrequency(pitch), RATE);
          expect(Math.abs(1200 * Math.log2(found / keyFrequency(pitch)))).toBeLessThan(15);
          expect(toneAmplitude(held, keyFrequency(pitch), RATE)).toBeGreaterThan(
            10 * toneAmplitude(held, keyFrequency(pitch + 6), RATE),
          );
        });
        expect(rms(between(left, 3.7, 4))).toBeLessThan(0.05 * rms(between(left, 2.55, 2.95)));
      });

      it('plays drums on the drum channel: a snare is noise', async () => {
        const stroke = [{ pitch: 38, velocity: 110, start: 0, end: 0.2 }];
        const drums = writeMidi([{ program: 0, isDrum: true, name: '', notes: stroke }]);
        const { left } = await renderWithSoundFont({ candidates: [drums], endTime: 0.2 }, readFileSync(path!), options);
        const spectrum = Array.from(
          { length: 380 },
          (_, i) => toneAmplitude(left.subarray(0, 3_200), 100 + 20 * i, RATE) ** 2,
        );
        const total = spectrum.reduce((a, b) => a + b);
        expect(total).toBeGreaterThan(0);
        // The loudest tenth of the spectrum holds nearly all of a tone, but not of a noise.
        const loudest = [...spectrum]
          .sort((a, b) => b - a)
          .slice(0, 12)
          .reduce((a, b) => a + b);
        expect(loudest / total).toBeLessThan(0.9);
      });
    },
  );
}
