/**
 * The amplitude of the sine of `frequency` Hz in `samples`, by Goertzel's recurrence under a Hann window: for a pure sine
 * of amplitude A well inside the range, about A. Resolves about 2 · sampleRate / samples.length Hz.
 */
export function toneAmplitude(samples: Float32Array, frequency: number, sampleRate: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate);
  let before = 0;
  let last = 0;
  samples.forEach((sample, i) => {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / samples.length);
    const next = window * sample + coefficient * last - before;
    before = last;
    last = next;
  });
  const power = last * last + before * before - coefficient * last * before;
  return (4 * Math.sqrt(Math.max(0, power))) / samples.length;
}

/** The frequency within `semitones` of `near` at which `samples` are strongest, to a hundredth of a semitone. */
export function strongestNear(samples: Float32Array, near: number, sampleRate: number, semitones = 1): number {
  const search = (middle: number, reach: number, step: number): number => {
    let [best, loudest] = [middle, -1];
    for (let cents = middle - reach; cents <= middle + reach; cents += step) {
      const amplitude = toneAmplitude(samples, near * 2 ** (cents / 1200), sampleRate);
      if (amplitude > loudest) [best, loudest] = [cents, amplitude];
    }
    return best;
  };
  return near * 2 ** (search(search(0, 100 * semitones, 5), 5, 1) / 1200);
}

/** Root mean square. */
export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / Math.max(1, samples.length));
}

/** The largest magnitude; NaN where any sample is. */
export function peak(samples: Float32Array): number {
  return samples.reduce((most, x) => (Math.abs(x) <= most ? most : Math.abs(x)), 0);
}

/** The index of the first sample in which two recordings differ, -1 where they are the same to the last bit. */
export function firstDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  return a.findIndex((x, i) => !Object.is(x, b[i]));
}
