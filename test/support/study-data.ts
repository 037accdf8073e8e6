import { PRESETS } from '../../src/music/presets.ts';
import { quantise, type ByteMatrix } from '../../src/study/byte-matrix.ts';
import {
  CORRELATES,
  STUDY_FORMAT,
  STUDY_VERSION,
  type Quantity,
  type StudyAblationRow,
  type StudyControl,
  type StudyControlFigures,
  type StudyData,
  type StudyHead,
  type StudyLayer,
  type StudySaliency,
  type StudySaturation,
  type StudySong,
  type StudyUnit,
} from '../../src/study/study-data.ts';
import { Random } from '../../src/tensor/index.ts';
import { makeHead, makeSong, rounded } from './study-song.ts';

export interface SyntheticStudy {
  notes?: number;
  units?: number;
  layers?: number;
  lags?: number;
  /** Notes of the detail; all unless given. */
  detail?: { from: number; to: number };
  seed?: number;
}

/** What is known of a unit of LSTM. */
const QUANTITIES = ['i', 'f', 'g', 'o', 'c', 'tanhC', 'h'] as const;

const INPUTS = ['pitch', 'step', 'duration'];

/**
 * A study as the command would make one, of a song and a network that do not exist: cells that remember for times spread over two
 * decades, in music with bars and chords. For tests of what shows studies; the numbers fit together but mean nothing.
 */
export function syntheticStudy(options: SyntheticStudy = {}): StudyData {
  const { notes = 1000, units = 128, layers = 1, lags = 24, seed = 7 } = options;
  const detail = options.detail ?? { from: 0, to: notes };
  const random = Random.stream(seed, 'study');
  const song = makeSong(notes, random);
  const heads = INPUTS.map((name) => makeHead(name, song, random));
  const made = Array.from({ length: layers }, (_, layer) => makeLayer(layer, units, song, detail, random));
  const all = made.flatMap(({ figures }) => figures);
  rankByCost(all);
  return {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    verdict: {
      lines: ['On this song the model beats the baseline in pitch.', 'This song was in the training music.'],
      song: 'training',
      heldOut: null,
    },
    model: {
      path: 'runs/synthetic',
      preset: 'tutorial',
      cell: 'lstm',
      layers,
      widths: Array<number>(layers).fill(units),
      parameters: 4 * units * (units + 4) * layers,
      inputs: INPUTS,
      heads: INPUTS.map((name) => ({
        name,
        kind: name === 'pitch' ? 'categorical' : 'scalar',
        size: name === 'pitch' ? 128 : 1,
        lossWeight: name === 'pitch' ? 0.05 : 1,
      })),
      settings: { ...PRESETS.tutorial },
      step: 1200,
      trainedBy: 'one thread, simd (relaxed)',
      engine: 'one thread, simd (relaxed)',
      digest: 'ab'.repeat(32),
    },
    song,
    detail,
    heads,
    layers: made.map(({ layer }) => layer),
    units: all,
    correlationTest: {
      correlates: [...CORRELATES],
      notes,
      permutations: 499,
      seed: 1,
      comparisons: all.length * CORRELATES.length,
      level: 0.05,
    },
    gradient: makeGradient(layers, detail, random),
    saliency: makeSaliency(heads, detail, lags, random),
    ablation: makeAblation(all, layers, heads.length, random),
    control: makeControl(notes),
    matches: {
      layer: 0,
      units: [3, 5],
      from: 40,
      to: 44,
      threshold: 0.4,
      signs: [1, -1],
      searched: 5000,
      found: 2,
      places: [
        { piece: 'minuet', from: 40, to: 44, seconds: 10, others: 1, pitches: [60, 62, 64, 65, 67, 69, 71, 72] },
        { piece: 'gigue', from: 90, to: 94, seconds: 22.5, others: 3, pitches: [60, 62, 64, 65, 67, 69, 71, 72] },
      ],
    },
    comparison: {
      before: { path: 'runs/a/1.safetensors', step: 200 },
      after: { path: 'runs/a/9.safetensors', step: 1800 },
      tensors: [{ name: 'lstm.kernel', before: 4.1, after: 6.3, change: 3.9, relative: 0.95 }],
      heads: heads.map(({ name, loss }) => ({ name, before: loss * 1.4, after: loss })),
      units: [
        { layer: 0, unit: 3, what: 'memory span in steps', before: 1.2, after: 14.5, size: 3.1 },
        { layer: 0, unit: 5, what: 'forget gate open', before: 0.1, after: 0.7, size: 2.2 },
      ],
    },
    findings: makeFindings(all, notes),
    leftOut: notes > detail.to - detail.from ? [{ what: 'heat maps of later notes', why: 'they would not fit' }] : [],
  };
}

function makeLayer(
  layer: number,
  units: number,
  song: StudySong,
  detail: { from: number; to: number },
  random: Random,
): { layer: StudyLayer; figures: StudyUnit[] } {
  const columns = detail.to - detail.from;
  const values = Object.fromEntries(QUANTITIES.map((name) => [name, new Float32Array(units * columns)])) as Record<
    Quantity,
    Float32Array
  >;
  const figures: StudyUnit[] = [];
  for (let unit = 0; unit < units; unit++) {
    const span = 10 ** (-0.3 + (2.3 * unit) / units);
    const keep = 2 ** (-1 / span);
    let c = 0;
    for (let n = 0; n < song.notes; n++) {
      const drive =
        (song.pitch[n] - 66) / 18 + 0.6 * Math.sin(song.metre.cell[n] + unit) + 0.3 * (random.uniform() - 0.5);
      const f = Math.min(1, Math.max(0, keep + 0.04 * (random.uniform() - 0.5)));
      const i = 1 / (1 + Math.exp(-drive * (unit % 3)));
      const g = Math.tanh(drive * (unit % 2 ? 1 : -1));
      const o = 1 / (1 + Math.exp(-(drive + (unit % 5) - 2)));
      c = f * c + (1 - keep) * 2 * i * g;
      const all = { i, f, g, o, c, tanhC: Math.tanh(c), h: o * Math.tanh(c) };
      if (n >= detail.from && n < detail.to)
        for (const name of QUANTITIES) values[name][unit * columns + n - detail.from] = all[name];
    }
    figures.push(makeUnit(layer, unit, span, detail, random));
  }
  const order = Array.from({ length: units }, (_, k) => (k * 37) % units);
  const gates = new Set<Quantity>(['i', 'f', 'o']);
  const heat = Object.fromEntries(
    QUANTITIES.map((name) => [
      name,
      quantise(values[name], units, columns, gates.has(name) ? { low: 0, high: 1 } : undefined),
    ]),
  ) as Record<Quantity, ByteMatrix>;
  const wave = (k: number): number[] =>
    Array.from({ length: columns }, (_, n) =>
      rounded(Math.sin((n * (k + 1)) / 21 + k) * (2 - k * 0.5) + 0.3 * random.uniform()),
    );
  return {
    layer: {
      layer,
      order: new Set(order).size === units ? order : Array.from({ length: units }, (_, k) => k),
      shown: Array.from({ length: units }, (_, k) => k),
      heat,
      path: {
        explained: [0.41, 0.22, 0.1],
        points: [wave(0), wave(1), wave(2)],
        directions: [0, 1, 2].map(() => Array.from({ length: units }, () => rounded(random.uniform() - 0.5))),
      },
    },
    figures,
  };
}

function makeUnit(
  layer: number,
  unit: number,
  span: number,
  { from, to }: { from: number; to: number },
  random: Random,
): StudyUnit {
  const saturation = (): StudySaturation => ({
    low: rounded(random.uniform() * 0.4),
    high: rounded(random.uniform() * 0.4),
    mean: rounded(random.uniform()),
  });
  const long = unit % 31 === 30;
  return {
    layer,
    unit,
    span: long
      ? { steps: null, seconds: null, atLeastSteps: 180, atLeastSeconds: 61.2, meanHalfLife: null }
      : {
          steps: rounded(span),
          seconds: rounded(span * 0.3),
          atLeastSteps: rounded(span),
          atLeastSeconds: rounded(span * 0.3),
          meanHalfLife: rounded(span * 1.1),
        },
    saturation: { i: saturation(), f: saturation(), g: saturation(), o: saturation() },
    h: { min: -0.8, max: 0.71, mean: 0.02, sd: 0.3 },
    c: { min: -2.1, max: 1.9, mean: 0.1, sd: 0.7 },
    dead: unit % 61 === 60,
    alwaysOn: unit % 53 === 52,
    correlations: CORRELATES.map((correlate, k) => {
      const grouped = correlate === 'pitchClass' || correlate === 'register' || correlate === 'metre';
      const value = rounded((random.uniform() * (grouped ? 1 : 2) - (grouped ? 0 : 1)) * 0.9 ** k);
      const p = Math.abs(value) > 0.4 ? 0.002 : rounded(Math.max(0.06, random.uniform()));
      return {
        with: correlate,
        of: k % 2 ? ('c' as const) : ('h' as const),
        value,
        p,
        significant: p <= 0.05,
        ...(grouped ? { peak: { pitchClass: 'D', register: 'octave 4', metre: 'beat 1' }[correlate] } : {}),
      };
    }).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)),
    top: Array.from({ length: 5 }, (_, k) => ({
      note: from + Math.floor(random.uniform() * (to - from)),
      h: rounded((0.8 - k * 0.05) * (unit % 2 ? 1 : -1)),
    })),
    cost: rounded(random.uniform() ** 6 * 0.2 - 0.0005),
    rank: null,
  };
}

function rankByCost(units: StudyUnit[]): void {
  [...units].sort((a, b) => (b.cost ?? 0) - (a.cost ?? 0)).forEach((unit, k) => (unit.rank = k + 1));
}

function makeGradient(
  layers: number,
  { from, to }: { from: number; to: number },
  random: Random,
): StudyData['gradient'] {
  const rows = (length: number, value: (k: number) => number): number[][] =>
    Array.from({ length: layers }, () => Array.from({ length }, (_, k) => Number(value(k).toPrecision(4))));
  return {
    byLag: {
      predictions: 500,
      dh: rows(80, (k) => 0.2 * 0.82 ** k * (1 + 0.1 * random.uniform())),
      dc: rows(80, (k) => 0.3 * 0.9 ** k * (1 + 0.1 * random.uniform())),
    },
    byStep: {
      dh: rows(to - from, () => 1e-3 * (0.3 + random.uniform() ** 3)),
      dc: rows(to - from, () => 2e-3 * (0.3 + random.uniform() ** 3)),
    },
    halfLag: Array.from({ length: layers }, () => 4),
    hundredthLag: Array.from({ length: layers }, () => 24),
  };
}

function makeSaliency(
  heads: readonly StudyHead[],
  { from, to }: { from: number; to: number },
  lags: number,
  random: Random,
): StudySaliency {
  const inputs = INPUTS.length;
  const rows = to - from;
  const values = heads.map(() => {
    const table = new Float32Array(rows * lags * inputs).fill(NaN);
    for (let row = 0; row < rows; row++) {
      for (let lag = 0; lag < Math.min(lags, from + row); lag++)
        for (let input = 0; input < inputs; input++)
          table[(row * lags + lag) * inputs + input] = (random.uniform() - 0.4) * 0.8 ** lag;
    }
    return table;
  });
  const note = Math.min(to - 1, from + 60);
  const reach = Math.min(lags, note);
  const integrated = heads.map(({ name }) => {
    const table = Array.from({ length: reach }, (_, lag) =>
      INPUTS.map(() => rounded((random.uniform() - 0.4) * 0.8 ** lag)),
    );
    const sum = table.flat().reduce((total, value) => total + value, 0);
    return { note, head: name, values: table, sum, difference: sum * 1.002, error: 0.002, points: 64 };
  });
  return {
    lags,
    inputs: INPUTS,
    heads: heads.map(({ name }, k) => ({
      name,
      values: quantise(values[k], rows, lags * inputs, { byRow: true }),
    })),
    integrated,
  };
}

function makeAblation(
  units: readonly StudyUnit[],
  layers: number,
  heads: number,
  random: Random,
): StudyData['ablation'] {
  const row = (loss: number, rest: Partial<StudyAblationRow>): StudyAblationRow => ({
    layer: 0,
    held: 'zero',
    loss,
    losses: Array.from({ length: heads }, () => rounded(loss * (0.5 + random.uniform()))),
    ...rest,
  });
  const falling = (rows: StudyAblationRow[]): StudyAblationRow[] => rows.sort((a, b) => b.loss - a.loss);
  return {
    on: 'the song',
    predictions: 999,
    baseline: { losses: Array.from({ length: heads }, () => 0.4), loss: 0.9 },
    units: falling(units.map(({ layer, unit, cost }) => row(cost ?? 0, { layer, unit }))),
    gates: falling(
      Array.from({ length: layers }, (_, layer) =>
        (['i', 'f', 'g', 'o'] as const).map((gate) => row(rounded(random.uniform()), { layer, gate, held: 'mean' })),
      ).flat(),
    ),
    layers: falling(Array.from({ length: layers }, (_, layer) => row(rounded(1 + random.uniform()), { layer }))),
  };
}

function makeControl(notes: number): StudyControl {
  const figures: StudyControlFigures = {
    longestSpan: 3,
    medianSpan: 2,
    correlations: CORRELATES.map((correlate) => ({ with: correlate, value: 0.3 })),
    gradient: Array.from({ length: 64 }, (_, lag) => 0.6 ** lag),
    nearSaliency: 0.9,
    idle: 0,
    saturation: { i: { open: 0, shut: 0 }, f: { open: 0, shut: 0 }, o: { open: 0, shut: 0 } },
    twoDirections: 0.6,
    ablation: 0.001,
  };
  return {
    notes,
    seeds: [42, 43, 44],
    trained: { ...figures, longestSpan: 98 },
    untrained: [figures, figures, figures],
    order: { notes, shuffles: 2, heads: INPUTS.map((name) => ({ name, inOrder: 2, shuffled: 3, error: 0.1 })) },
  };
}

function makeFindings(units: readonly StudyUnit[], notes: number): StudyData['findings'] {
  const best = units.find(({ rank }) => rank === 1)!;
  const at = (k: number) => [{ layer: units[k % units.length].layer, unit: units[k % units.length].unit }];
  return [
    { kind: 'memory', text: 'Unit 127 keeps half of what it wrote for 98 steps (29 s), the longest memory of all.', strength: 0.9, units: at(127), notes: [] }, // prettier-ignore
    { kind: 'correlation', text: 'Unit 12 follows the pitch: r = 0.87 over 1,000 notes (p ≤ 0.002).', strength: 0.8, units: at(12), notes: [] }, // prettier-ignore
    { kind: 'ablation', text: `Without unit ${best.unit} the loss rises by ${best.cost}: no other is missed as much.`, strength: 0.7, units: at(best.unit), notes: [] }, // prettier-ignore
    { kind: 'gradient', text: 'The gradient falls to a hundredth within 24 steps: what lies further back taught nothing.', strength: 0.6, units: [], notes: [] }, // prettier-ignore
    { kind: 'surprise', text: 'Note 57 surprised most: it was given 0.4 % where E4 was likeliest.', strength: 0.5, units: [], notes: [Math.min(57, notes - 1)] }, // prettier-ignore
    { kind: 'idle', text: 'Two units are dead: |h| stays below 0.01.', strength: 0.2, units: at(60), notes: [] },
  ];
}
