import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { Codec, noteTable, type NoteTable } from '../../src/midi/index.ts';
import type { MusicModel } from '../../src/music/index.ts';
import { dequantise, studySong, StudyError, type StudyData, type StudyRequest } from '../../src/study/index.ts'; // prettier-ignore
import { surprise as findSurprise } from '../../src/study/findings/of-the-model.ts';
import { STUDY_VERSION } from '../../src/study/study-data.ts';
import { countedFromZero } from '../../src/study/counting.ts';
import { prepareTable } from '../../src/music/prepare-table.ts';
import { parameterSpecs, quantitiesOf, recordedQuantities, recordSequence, Stepper } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import { forgetBiasFor } from '../support/wired-networks.ts';
import { toyModel, toySettings, toySong } from '../support/toy-music.ts';

const NOTES = 120;
const song = {
  name: 'toy.mid',
  instrument: 'piano',
  table: toySong(60, NOTES),
  tempo: [[0, 120]] as [number, number][],
};
const model = await toyModel(toySettings('quick', { layers: 2 }));
const study = (request: Partial<StudyRequest> = {}): Promise<StudyData> =>
  studySong({ model, path: 'runs/toy', song, ...request });
const whole = await study({ at: [40, 41] });

describe('studySong', () => {
  it('gives plain JSON without holes: what is parsed again is the same', () => {
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });

  it('says what it studied', () => {
    expect(whole).toMatchObject({ format: 'etude-study', version: STUDY_VERSION, detail: { from: 1, to: NOTES } });
    expect(whole.leftOut.filter(({ what }) => !what.startsWith('findings about'))).toEqual([]);
    expect(whole.model).toMatchObject({
      path: 'runs/toy',
      cell: 'lstm',
      layers: 2,
      widths: [12, 12],
      inputs: ['pitch', 'step', 'duration'],
    });
    expect(whole.model.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(whole.song).toMatchObject({ name: 'toy.mid', notes: NOTES });
    expect(whole.song.pitch).toEqual(Array.from(song.table.pitch));
    expect(whole.units).toHaveLength(24);
    expect(whole.layers.map(({ order }) => [...order].sort((a, b) => a - b))).toEqual(Array(2).fill(Array.from({ length: 12 }, (_, k) => k + 1))); // prettier-ignore
  });

  it('has the heat maps of the run, to the precision of a byte', () => {
    const { layers } = recordSequence(model.spec, model.parameters, model.codec.encode(song.table));
    for (const { layer, heat, shown } of whole.layers) {
      for (const quantity of quantitiesOf('lstm')) {
        const matrix = heat[quantity]!;
        const values = dequantise(matrix);
        const bound = ((matrix.high - matrix.low) / 508) * 1.01 + 1e-6;
        shown.forEach((unit, row) => {
          for (const note of [0, 57, NOTES - 1]) {
            const truth = recordedQuantities(layers[layer - 1])[quantity][note * 12 + unit - 1];
            expect(Math.abs(values[row * NOTES + note] - truth)).toBeLessThanOrEqual(bound);
          }
        });
      }
    }
  });

  it('has the surprise of each note where the note stands, and none for the first', () => {
    const { heads } = recordSequence(model.spec, model.parameters, model.codec.encode(song.table));
    whole.heads.forEach(({ surprise, loss, predicted }, k) => {
      expect(surprise[0]).toBeNull();
      expect(surprise[NOTES - 1]).toBeCloseTo(heads[k].nextLoss[NOTES - 2], 3);
      const known = surprise.slice(1) as number[];
      expect(loss).toBeCloseTo(known.reduce((sum, value) => sum + value, 0) / (NOTES - 1), 3);
      expect(predicted.slice(1).every((value) => Number.isFinite(value))).toBe(true);
    });
  });

  it('has integrated gradients that add up, for the notes that were asked for', () => {
    const { integrated } = whole.saliency!;
    expect(integrated.map(({ note, head }) => `${note} ${head}`)).toEqual(['40 pitch', '40 step', '40 duration', '41 pitch', '41 step', '41 duration']); // prettier-ignore
    for (const { sum, difference, error, values } of integrated) {
      expect(error).toBeLessThan(0.01);
      expect(Math.abs(sum - difference)).toBeLessThanOrEqual(0.01 * Math.abs(difference) + 1e-3);
      expect(values.flat().reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 2);
    }
  });

  it('has saliency for every predicted note and nothing before the song', () => {
    const { heads, lags } = whole.saliency!;
    const values = dequantise(heads[0].values);
    const width = lags * 3;
    const known = (note: number): number => values.subarray(note * width, (note + 1) * width).filter((value) => !Number.isNaN(value)).length; // prettier-ignore
    expect([0, 1, 2, 10, 60].map(known)).toEqual([0, 3, 6, 30, width]);
  });

  it('ranks units by what they are worth', () => {
    const { units, baseline } = whole.ablation!;
    const losses = units.map(({ loss }) => loss);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
    const best = whole.units.find(({ rank }) => rank === 1)!;
    expect([best.layer, best.unit, best.cost]).toEqual([units[0].layer, units[0].unit, units[0].loss]);
    baseline.losses.forEach((loss, k) => { expect(loss).toBeCloseTo(whole.heads[k].loss, 3); }); // prettier-ignore
  });

  it('tells different things first', () => {
    const kinds = whole.findings.map(({ kind }) => kind);
    const different = new Set(kinds).size;
    expect(different).toBeGreaterThanOrEqual(3);
    expect(new Set(kinds.slice(0, different)).size).toBe(different);
    for (const { text } of whole.findings) {
      expect(text).toMatch(/^[A-Z].*\d.*\.$/s);
      expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });

  it('says nothing of what the network does not read, here velocities', async () => {
    const velocity = song.table.velocity.map((_, note) => 40 + 5 * (note % 11));
    const { findings, correlationTest, units } = await study({ song: { ...song, table: { ...song.table, velocity } } });
    expect(correlationTest.correlates).toEqual(expect.arrayContaining(['pitch', 'step', 'duration']));
    expect(correlationTest.correlates).not.toContain('velocity');
    expect(units.flatMap((unit) => unit.correlations.map((found) => found.with))).not.toContain('velocity');
    expect(findings.map(({ text }) => text).join()).not.toMatch(/velocity/);
  });

  it('says no step of a model whose file knows none', async () => {
    const parameters = Object.fromEntries(
      Object.entries(model.parameters).map(([name, values]) => [name, values.map((x) => 1.5 * x)]),
    ) as MusicModel['parameters'];
    const later = { ...model, parameters, step: 1200 };
    const data = await study({ model: { ...model, step: null }, compare: { path: 'later', model: later } });
    expect(data.model.step).toBeNull();
    expect(data.findings.find(({ kind }) => kind === 'comparison')!.text).toMatch(
      /^From runs\/toy to training step 1,200, /,
    );
  });

  it('is the same twice', async () => {
    expect(await study({ at: [40, 41] })).toEqual(whole);
  });

  it('tells how far it is', async () => {
    const stages: string[] = [];
    await study({ onProgress: (stage) => void stages.push(stage) });
    expect(new Set(stages).size).toBeGreaterThanOrEqual(5);
  });

  it('finds the unit that was wired to remember, its span, and its worth', async () => {
    const data = await study({ model: rememberingMusic(), song: { ...song, table: signals(700) } });
    expect(data.findings[0].units[0]).toEqual({ layer: 1, unit: 4 });
    const memory = data.findings.find(({ kind }) => kind === 'memory')!;
    expect(memory.units).toEqual([{ layer: 1, unit: 4 }]);
    expect(Math.abs(data.units[3].span!.steps! - 100)).toBeLessThanOrEqual(5);
    expect(data.units[3].rank).toBe(1);
    const others = data.units.filter(({ unit }) => unit !== 4);
    expect(Math.max(...others.map(({ span }) => span!.steps ?? 0))).toBeLessThanOrEqual(5);
  });
});

describe('what studySong is asked for', () => {
  it('shows the units and the layer that were named', async () => {
    const { layers } = await study({ units: [2, 5], layer: 2 });
    expect(layers[0]).toMatchObject({ shown: [], heat: {} });
    expect(layers[1].shown).toEqual([2, 5]);
    expect(layers[1].heat.c).toMatchObject({ rows: 2, columns: NOTES });
  });

  it('shows as many units as were wanted, those that are missed most', async () => {
    const { layers, units } = await study({ units: 3 });
    const best = units.filter(({ layer }) => layer === 1).sort((a, b) => a.rank! - b.rank!).slice(0, 3); // prettier-ignore
    expect(layers[0].shown).toEqual(best.map(({ unit }) => unit).sort((a, b) => a - b));
  });

  it('compares two states of a model', async () => {
    const changed = { ...model.parameters, 'heads.pitch.bias': model.parameters['heads.pitch.bias'].map((x) => x + 1) };
    const after: MusicModel = { ...model, parameters: changed as MusicModel['parameters'], step: 9 };
    const { comparison } = await study({ compare: { path: 'later', model: after } });
    expect(comparison).toMatchObject({ before: { path: 'runs/toy', step: null }, after: { path: 'later', step: 9 } });
    const moved = comparison!.tensors.filter(({ change }) => change > 0);
    expect(moved.map(({ name }) => name)).toEqual(['heads.pitch.bias']);
    expect(moved[0].change).toBeCloseTo(Math.sqrt(128), 2);
    // A bias that is the same for all classes changes no probability, and no unit.
    expect(comparison!.units).toEqual([]);
    comparison!.heads.forEach(({ before, after: later }) => { expect(later).toBeCloseTo(before, 4); }); // prettier-ignore
  });

  it('measures and searches in other music', async () => {
    const corpus = { name: 'songs', pieces: [{ name: 'again', table: toySong(60, NOTES) }, { name: 'higher', table: toySong(66, 50) }] }; // prettier-ignore
    const { ablation, matches } = await study({
      corpus,
      match: { from: 31, to: 33, threshold: 0.05 },
      units: [2],
      layer: 1,
    });
    expect(ablation).toMatchObject({ on: 'songs', predictions: NOTES - 1 + 49 });
    // The song itself is not searched twice.
    expect(matches).toMatchObject({ layer: 1, units: [2], from: 31, to: 33, searched: NOTES + 50 });
    expect(new Set(matches!.places.map(({ piece }) => piece))).not.toContain('again');
  });

  it.each<[string, Partial<StudyRequest>, RegExp]>([
    ['a layer that is not there', { layer: 3 }, /layers 1 to 2, got 3/],
    ['a unit that is not there', { units: [3, 13] }, /units 1 to 12, got 13/],
    ['no units', { units: 0 }, /at least 1, got 0/],
    ['a note that nothing predicts', { at: [1] }, /notes 2 to 120 .* got 1/],
    [
      'a place beyond the song',
      { match: { from: 118, to: 121, threshold: 0.3 } },
      /from 1 to 120, at least one, got 118 to 121/,
    ],
    ['a seed that is none', { seed: 0.5 }, /whole number, got 0.5/],
  ])('refuses %s', async (_, request, message) => {
    await expect(study(request)).rejects.toThrow(UsageError);
    await expect(study(request)).rejects.toThrow(message);
  });

  it('refuses a song that is no longer than the window, and a model of another architecture', async () => {
    const short = { ...song, table: toySong(60, 8) };
    await expect(study({ song: short })).rejects.toThrow(StudyError);
    await expect(study({ song: short })).rejects.toThrow(/toy.mid: 8 notes cannot be studied.* 9 at least/);
    const other = await toyModel(toySettings('quick', { layers: 1 }));
    await expect(study({ compare: { path: 'other', model: other } })).rejects.toThrow(/other: 12 LSTM units/);
  });

  it('says what it leaves out of a long song', async () => {
    const {
      leftOut,
      detail,
      heads,
      layers,
      song: told,
    } = await study({ song: { ...song, table: toySong(60, 2500) }, at: [2000] });
    expect(detail).toEqual({ from: 1500, to: 2499 });
    expect(told.notes).toBe(2500);
    expect(heads[0].surprise).toHaveLength(2500);
    expect(layers[0].heat.h).toMatchObject({ columns: 1000 });
    expect(leftOut.map(({ what }) => what).join()).toMatch(/heat maps.*notes 1 to 1499 and 2500/);
  });
});

/** Notes of which every hundred-and-tenth is long: the signal that the wired unit keeps. */
function signals(count: number): NoteTable {
  const random = Random.stream(3, 'signals');
  let start = 0;
  return noteTable(
    Array.from({ length: count }, (_, k) => {
      const note = { pitch: k % 220 < 110 ? 72 : 48, velocity: 80, start, end: start + (k % 110 === 0 ? 2 : 0.2) };
      start += 0.2 + 0.1 * random.uniform();
      return note;
    }),
  );
}

/**
 * A model of music whose unit 3 is wired: a long note opens its input gate, and writes 1 or -1 as the pitch is high or low;
 * half of it is forgotten in a hundred steps. The pitch head reads it. All other units follow noise and soon forget.
 */
function rememberingMusic(): MusicModel {
  const codec = new Codec({ pitch: 'scalar', step: 'raw', duration: 'raw', velocity: 'none' });
  const [H, unit] = [8, 3];
  const spec: MusicModel['spec'] = {
    inputs: codec.inputs,
    lstm: { layers: 1, hiddenSize: H, dropout: 0 },
    heads: [
      { name: 'pitch', kind: 'categorical', size: 128, lossWeight: 1 },
      { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 0 },
      { name: 'duration', kind: 'scalar', lossWeight: 1, positivePressure: 0 },
    ],
    lossOn: 'all',
  };
  const random = Random.stream(11, 'wired');
  const parameters = Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const quiet = name.startsWith('heads.');
      return [name, Float32Array.from({ length: size }, () => (quiet ? 0 : 0.6 * random.uniform() - 0.3))];
    }),
  );
  const { 'lstm.0.kernel': kernel, 'lstm.0.recurrent_kernel': recurrent, 'lstm.0.bias': bias } = parameters;
  for (const weights of [kernel, recurrent, bias]) for (let k = unit; k < weights.length; k += H) weights[k] = 0;
  recurrent.fill(0, unit * 4 * H, (unit + 1) * 4 * H);
  const gate = (k: number): number => k * H + unit;
  [bias[gate(0)], bias[gate(1)], bias[gate(2)], bias[gate(3)]] = [-20, forgetBiasFor(100), -20 * (60 / 128) * 4, 20];
  kernel[0 * 4 * H + gate(2)] = 80;
  kernel[2 * 4 * H + gate(0)] = 20;
  parameters['heads.pitch.kernel'][unit * 128 + 72] = 10;
  parameters['heads.pitch.kernel'][unit * 128 + 48] = -10;
  parameters['heads.pitch.bias'].fill(-8);
  parameters['heads.pitch.bias'][72] = 0;
  parameters['heads.pitch.bias'][48] = 0;
  const primer = { name: 'none', notes: [] };
  return { ...model, spec, parameters, codec, primer, frequencies: undefined };
}

describe('studySong of a model that draws a note part by part', () => {
  const settings = toySettings('performance', { embedding: 6, headHidden: 5, layers: 2 });

  it('has its heads in that order, each with what it knew, and their surprise given that', async () => {
    const chained = await toyModel(settings);
    const { spec, parameters, codec } = chained;
    const seen = await study({ model: chained, at: [40] });
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
    expect(seen.heads.map(({ name, reads }) => [name, ...reads])).toEqual([
      ['step'],
      ['pitch', 'step'],
      ['duration', 'step', 'pitch'],
      ['velocity', 'step', 'pitch', 'duration'],
    ]);
    const heard = prepareTable({ table: song.table }, settings);
    const { categories, targets } = codec.encode(heard);
    const stepper = new Stepper(spec, parameters);
    for (let note = 0; note < 30; note++) {
      if (note > 0) {
        spec.heads.forEach(({ name }, k) => {
          const came = targets[name][note];
          const logits = Array.from(stepper.output(k));
          const most = Math.max(...logits);
          const log = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
          expect(seen.heads[k].surprise[note]).toBeCloseTo(log + most - logits[came], 3);
          stepper.choose(k, came);
        });
      }
      stepper.step(Int32Array.from(categories, (column) => column[note]), new Float32Array(0)); // prettier-ignore
    }
    expect(seen.saliency!.inputs).toEqual(['pitch', 'pitchClass', 'step', 'duration', 'velocity']);
    expect(seen.saliency!.integrated.map(({ head, error }) => [head, error < 0.05])).toEqual([
      ['step', true],
      ['pitch', true],
      ['duration', true],
      ['velocity', true],
    ]);
    // These random weights predict no better than frequencies, and what surprises them says nothing.
    expect(seen.findings.map(({ kind }) => kind)).not.toContain('surprise');
    const heads = seen.heads.map((head) => ({ ...head, standing: 'better' as const }));
    const [surprise] = findSurprise(countedFromZero({ ...seen, heads })).findings;
    expect(surprise.text).toMatch(
      /is the most surprising in pitch given the time to the next note: the model gave it a chance of 1 in/,
    );
    const velocities = new Set(seen.heads[3].predicted.slice(1));
    for (const velocity of velocities) expect((velocity! - 2) % 4).toBe(0);
  });

  it('is compared only with one of the same chain and embedding', async () => {
    const [one, other, wider] = [
      await toyModel(settings),
      await toyModel({ ...settings, headHidden: 7 }),
      await toyModel({ ...settings, embedding: 5 }),
    ];
    const compare = (path: string, to: MusicModel) => study({ model: one, compare: { path, model: to } });
    await expect(compare('other', other)).rejects.toThrow(/pitch \(128\) given step with a relu layer of 7/);
    await expect(compare('wider', wider)).rejects.toThrow(/in one vector of 5/);
    expect((await compare('same', one)).comparison!.tensors.map(({ name }) => name)).toContain('embeddings.pitchClass');
  });
});
