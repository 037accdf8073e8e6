import { describe, expect, it } from 'vitest';
import type { MusicModel } from '../../src/music/index.ts';
import { musicModel, prepareData } from '../../src/music/index.ts';
import { decodeCheckpoint, type EpochRecord } from '../../src/nn/index.ts';
import { studySong, type StudyData } from '../../src/study/index.ts';
import { verdictOf } from '../../src/study/verdict.ts';
import { toyModel, toySettings, toySong, toySongbook, trainToy } from '../support/toy-music.ts';

const settings = toySettings('quick', { maxSteps: 60, stepsPerEpoch: 20, learningRate: 0.02 });
const data = prepareData(toySongbook(), settings);
const { best } = await trainToy(data, settings);
const trained = musicModel(decodeCheckpoint(best));

const song = { name: 'toy.mid', instrument: 'piano', tempo: [[0, 120]] as [number, number][] };
const study = (model: MusicModel, digest?: string, key = 60): Promise<StudyData> =>
  studySong({ model, path: 'runs/toy', song: { ...song, digest, table: toySong(key, 120) } });

describe('the verdict of a study', () => {
  it('says first whether the model beats the frequencies of its training pieces, on the song and on held-out music', async () => {
    const { verdict, heads } = await study(trained);
    expect(verdict.lines[0]).toMatch(
      /^On this song the model beats the frequencies of the training music in .*pitch \(\S+ against \S+ nats, \+\d+ %\).*\. On held-out music \(1 validation piece\) it .*pitch \(/,
    );
    expect(verdict.lines[0]).toContain('time to the next note (');
    expect(heads.map(({ baselineFrom }) => baselineFrom)).toEqual(['training', 'training', 'training']);
    // By hand: each class counted once more than it occurred in the training pieces.
    const counts = Array<number>(128).fill(1);
    for (const { table } of data.trainPieces) for (const pitch of table.pitch) counts[pitch]++;
    const all = counts.reduce((sum, count) => sum + count, 0);
    const notes = Array.from(toySong(60, 120).pitch).slice(1);
    const costs = notes.map((pitch) => -Math.log(counts[pitch] / all));
    expect(heads[0].baseline).toBeCloseTo(costs.reduce((sum, cost) => sum + cost, 0) / notes.length, 3);
    expect(heads[0].songBaseline).toBeLessThan(heads[0].baseline);
  });

  it('keeps what the baseline costs on held-out music, as the evaluation of a run has it', async () => {
    const { verdict } = await study(trained);
    const record = trained.history.find(({ epoch }) => epoch === trained.epoch)!;
    expect(verdict.heldOut).toMatchObject({ epoch: trained.epoch, pieces: data.validationPieces.length });
    verdict.heldOut!.heads.forEach(({ name, loss, training, baseline }) => {
      expect(loss).toBeCloseTo(record.validation!.losses[name], 4);
      expect(training).toBeCloseTo(record.losses[name], 4);
      expect(baseline).toBeCloseTo(data.heldOutBaseline![name], 3);
    });
  });

  it('does not call a loud network without training better', async () => {
    const { verdict, heads } = await study(await toyModel(settings));
    expect(verdict.lines[0]).toMatch(/^On this song the model does not beat .*: pitch \(/);
    expect(verdict.lines[0]).toMatch(/not known: its file has no validation losses\.$/);
    expect(heads.map(({ standing }) => standing)).toEqual(['no better', 'no better', 'no better']);
  });

  it('says of an older model that it lacks the frequencies, and names what it is compared with instead', async () => {
    const old = { ...trained, frequencies: undefined, heldOutBaseline: undefined };
    const { verdict, heads } = await study(old);
    expect(verdict.lines[0]).toMatch(
      /^This model was saved by an earlier version, which did not store the frequencies .* Compared instead with the song's own frequencies, which no model can know in advance: on this song the model /,
    );
    expect(verdict.lines[0]).toContain('what the baseline costs there is not in its file');
    for (const { baseline, songBaseline, baselineFrom } of heads) {
      expect([baseline, baselineFrom]).toEqual([songBaseline, 'song']);
    }
  });

  it.each([
    ['training', 'song 1', /^This song was in the training music: what follows shows what it remembers/],
    ['new', 'elsewhere', undefined],
    ['unknown', undefined, undefined],
  ] as const)('knows a song as %s by its digest', async (where, name, line) => {
    const digest = name === 'song 1' ? trained.data.train[0] : name;
    const { verdict } = await study(trained, digest);
    expect(verdict.song).toBe(where);
    if (line) expect(verdict.lines[1]).toMatch(line);
    else expect(verdict.lines.join(' ')).not.toMatch(/remembers/);
  });

  it('knows a validation piece, a piece whose end was held out, and one of the model that it began with', () => {
    const lineOf = (model: MusicModel, digest: string) => verdictOf(model, [], digest);
    const [held] = trained.data.validation;
    expect(lineOf(trained, held)).toMatchObject({ song: 'validation' });
    const alone = { ...trained, data: { train: ['one'], validation: ['one'] } };
    expect(lineOf(alone, 'one')).toMatchObject({ song: 'both', heldOut: { pieces: null } });
    expect(lineOf(alone, 'one').lines.join(' ')).toMatch(/trained on this song but for its end/);
    const tuned = { ...trained, from: { digest: 'x', trainedOn: ['older'] } };
    expect(lineOf(tuned, 'older')).toMatchObject({ song: 'origin' });
  });

  it('names overfitting, with what this run can still do', () => {
    const record = (epoch: number, loss: number, validation: number): EpochRecord => ({
      ...trained.history[0],
      epoch,
      loss,
      validation: { ...trained.history[0].validation!, loss: validation },
    });
    const history = [record(1, 2, 3)];
    const { lines } = verdictOf({ ...trained, history, epoch: 1 }, []);
    expect(lines.slice(-2).join(' ')).toMatch(/^Overfitting: at epoch 1 the training loss is 2.00 where the validation loss is 3.00\. What to do, the most useful first: train on more music \(it had 9 pieces\)/); // prettier-ignore
  });
});

describe('the verdict on a model that predicts numbers', () => {
  it('holds them against the means of the training pieces', async () => {
    const tutorial = toySettings('tutorial', { maxSteps: 6, stepsPerEpoch: 3 });
    const prepared = prepareData(toySongbook(), tutorial);
    const model = musicModel(decodeCheckpoint((await trainToy(prepared, tutorial)).best));
    const { heads, verdict } = await study(model);
    const steps = Array.from(toySong(60, 120).step).slice(1);
    const { mean } = prepared.frequencies.step as { mean: number };
    const expected = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / steps.length;
    expect(heads[1]).toMatchObject({ name: 'step', unit: 'squared error', baselineFrom: 'training' });
    expect(heads[1].baseline).toBeCloseTo(expected, 5);
    expect(verdict.lines[0]).toMatch(/time to the next note \(\S+ against \S+ in squared error, /);
  });
});
