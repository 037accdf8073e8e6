import type { OrderedNotes } from './ordered-notes.ts';
import { localPulse, onsetTrain, pulse } from './pulse.ts';
import { quantile } from './spread.ts';
import { correlation, differences, entropy, mean, most, shareOf } from './statistics.ts';

/** When notes start, and for how long they sound. Chords count as one start. */
export interface RhythmFigures {
  /** Notes in a second, between the first start and the last. */
  density: number;
  /** The median duration, in seconds. */
  meanDuration: number;
  /** The median time from chord to chord, in seconds. */
  ioiMedian: number;
  /** The longest. */
  longestIOI: number;
  /** The entropy of these times in 25 classes, in bits: 23 from 30 ms to 4 s, equally wide in logarithm, and what is outside. */
  ioiEntropy: number;
  /** The share of these times that are within a tenth (in logarithm) of the one before. */
  ioiRepeat: number;
  /** The highest autocorrelation of the starts at lags of 0.16 to 1.48 s. */
  pulse: number;
  /** The same within 6 seconds, the mean over such windows: music that changes its tempo has a pulse, too. */
  localPulse: number;
  /** The correlation of the time to the next note with the duration, both in logarithm. */
  corrStepDur: number;
}

const CLASSES = 24;
const EDGES = Array.from({ length: CLASSES }, (_, i) => 0.03 * (4 / 0.03) ** (i / (CLASSES - 1)));
/** What the last note is followed by, in seconds, and what counts as the shortest step and duration in logarithms. */
const AFTER_THE_LAST = 0.1;
const SHORTEST_STEP = 0.005;
export const SHORTEST_DURATION = 0.001;

export function rhythmFigures({ starts, durations, chords }: OrderedNotes): RhythmFigures {
  const onsets = chords.map(({ start }) => start);
  const times = differences(onsets);
  const counts = new Uint32Array(CLASSES + 1);
  for (const time of times) counts[EDGES.filter((edge) => edge <= time).length]++;
  const steps = [...differences(starts), AFTER_THE_LAST].map((step) => Math.log(Math.max(step, SHORTEST_STEP)));
  const train = onsetTrain(onsets, starts.length > 0 ? starts[starts.length - 1] : 0);
  return {
    density: starts.length / (starts[starts.length - 1] - starts[0]),
    meanDuration: median(durations),
    ioiMedian: median(times),
    longestIOI: times.length > 0 ? most(times) : NaN,
    ioiEntropy: entropy(counts),
    ioiRepeat: shareOf(differences(times.map(Math.log)), (change) => Math.abs(change) < 0.1),
    pulse: pulse(train),
    localPulse: mean(localPulse(train)),
    corrStepDur: correlation(
      steps,
      durations.map((duration) => Math.log(Math.max(duration, SHORTEST_DURATION))),
    ),
  };
}

function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}
