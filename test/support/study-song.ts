import type { StudyHead, StudySong } from '../../src/study/study-data.ts';
import type { Random } from '../../src/tensor/index.ts';

/** A song of a synthetic study: a walk over the keys in bars of three, with chords. */
export function makeSong(notes: number, random: Random): StudySong {
  const beatSeconds = 0.5;
  const columns = { pitch: [] as number[], start: [] as number[], step: [] as number[], duration: [] as number[] };
  const velocity: number[] = [];
  const cell: number[] = [];
  let time = 0;
  let pitch = 67;
  for (let n = 0; n < notes; n++) {
    const chord = n % 8 === 1 || n % 8 === 2;
    const step = n === 0 || chord ? 0 : beatSeconds * [0.5, 0.5, 1, 0.25][Math.floor(random.uniform() * 4)];
    time += step;
    pitch = Math.min(84, Math.max(48, pitch + Math.round((random.uniform() - 0.5) * 7)));
    columns.pitch.push(chord ? pitch - (n % 8) * 4 : pitch);
    columns.start.push(rounded(time));
    columns.step.push(rounded(step));
    columns.duration.push(rounded(beatSeconds * (0.4 + random.uniform())));
    velocity.push(40 + Math.floor(random.uniform() * 70));
    cell.push(Math.floor(time / (beatSeconds / 4)) % 12);
  }
  return {
    name: 'A synthetic minuet',
    instrument: 'Acoustic Grand Piano',
    notes,
    seconds: rounded(time + 1),
    ...columns,
    velocity,
    metre: { beats: 3, beatSeconds, cells: 12, cell },
  };
}

/** What a head said of it: surprise at random, and predictions that are right more often than not. */
export function makeHead(name: string, song: StudySong, random: Random): StudyHead {
  const categorical = name === 'pitch';
  const surprise = song.pitch.map((_, n) =>
    n === 0 ? null : rounded(categorical ? -Math.log(0.02 + 0.95 * random.uniform()) : random.uniform() ** 4 * 0.2),
  );
  const known = surprise.filter((value) => value !== null);
  const values = { pitch: song.pitch, step: song.step, duration: song.duration }[name] ?? song.velocity;
  return {
    name,
    kind: categorical ? 'categorical' : 'scalar',
    reads: [],
    unit: categorical ? 'nats' : 'squared error',
    loss: known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length),
    baseline: categorical ? 2.7 : 0.09,
    baselineFrom: 'training',
    songBaseline: categorical ? 2.4 : 0.08,
    standing: 'better',
    surprise,
    worst: { note: 1, surprise: surprise[1] ?? 0, baseline: 3 },
    predicted: values.map((value, n) =>
      n === 0
        ? null
        : categorical
          ? value + (random.uniform() < 0.6 ? 0 : 2)
          : rounded(value * (0.8 + 0.4 * random.uniform())),
    ),
  };
}

/** Four decimals, as much as a test's page needs. */
export function rounded(value: number): number {
  return Number(value.toFixed(4));
}
