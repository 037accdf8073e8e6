import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../../src/cli/log-file.ts';
import { readMusicModel, runPaths } from '../../../src/cli/run-folder.ts';
import type { WatchRecord } from '../../../src/music/watch.ts';
import { CELL_KINDS, CELLS, gatesOf, opens } from '../../../src/nn/index.ts';
import type { StudyData } from '../../../src/study/index.ts';
import { runEtude } from '../run-etude.ts';
import { folderWithMusic, TINY_SILENT, trainTiny } from '../tiny-music.ts';

const ENGINE = ['--threads', '1', '--backend', 'reference'];

describe('etude train --cell', () => {
  it.each([
    ['gru', 'GRU', 'gru.0'],
    ['gru-before', 'GRU (reset before)', 'gru.0'],
    ['rnn', 'RNN', 'rnn.0'],
    ['lstm-peephole', 'LSTM (peepholes)', 'lstm.0'],
    ['lstm-norm', 'LSTM (layer norm)', 'lstm.0'],
  ])('trains a model of %s, which is inspected, evaluated and plays', async (cell, title, layer) => {
    const { run, music, base, ran } = await trainTiny('--cell', cell);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain(`${title} of 8`);
    expect(readMusicModel(run).spec.lstm).toEqual({ layers: 1, hiddenSize: 8, dropout: 0.1, cell });
    const inspected = await runEtude('summary', run, '--json');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ layers: expect.arrayContaining([expect.objectContaining({ name: layer, type: title })]) as unknown });
    expect((await runEtude('evaluate', run, music, ...ENGINE)).code).toBe(0);
    const out = join(base, 'new.mid');
    const generated = await runEtude('generate', run, '--out', out, '--notes', '10', '--backend', 'reference');
    expect(generated.code, generated.stderr).toBe(0);
    expect(existsSync(out)).toBe(true);
    expect((await runEtude('gradcheck', run, '--samples', '3')).code).toBe(0);
  }); // prettier-ignore

  it('cannot be changed for a run, nor for a model that is trained on', async () => {
    const { run, music, base } = await trainTiny('--cell', 'gru');
    const resumed = await runEtude('train', music, '--out', run, '--resume', '--cell', 'lstm');
    expect(resumed).toMatchObject({ code: 2, stderr: expect.stringMatching(/--cell: the run was begun with gru and cannot go on with lstm/) as string }); // prettier-ignore
    const next = join(base, 'next');
    const tuned = await runEtude('train', music, '--from', run, '--out', next, '--cell', 'rnn');
    expect(tuned).toMatchObject({ code: 2, stderr: expect.stringMatching(/--cell: the model has gru and cannot be trained on with rnn/) as string }); // prettier-ignore
    expect(existsSync(next)).toBe(false);
  });

  it.each(CELL_KINDS)(
    '%s is watched as it trains: its gates that open and shut, and gradients of the states that it has',
    async (cell) => {
      const { music, run } = folderWithMusic();
      const sizes = ['--layers', '2', '--hidden-size', '7,8'];
      const { code, stderr } = await runEtude(
        'train',
        music,
        '--out',
        run,
        ...TINY_SILENT,
        '--cell',
        cell,
        ...sizes,
        '--watch',
        'every=5',
      );
      expect(code, stderr).toBe(0);
      const seen = new LogFile(runPaths(run).watch)
        .read()
        .find(({ event }) => event === 'watch') as unknown as WatchRecord;
      const gates = gatesOf(cell).filter(opens);
      expect(seen.layers).toHaveLength(2);
      for (const { saturation, gradient } of seen.layers) {
        expect(Object.keys(saturation)).toEqual(gates);
        expect(Object.keys(gradient)).toEqual(CELLS[cell].states.map((state) => `d${state}`));
        for (const norms of Object.values(gradient)) expect(norms.every((norm) => Number.isFinite(norm))).toBe(true);
        expect(gradient.dh.some((norm) => norm > 0)).toBe(true);
      }
    },
  );

  it('is studied, with gates by their own names', async () => {
    const { music, run } = folderWithMusic();
    expect((await runEtude('train', music, '--out', run, ...TINY_SILENT, '--cell', 'gru')).code).toBe(0);
    const { code, stdout } = await runEtude('study', run, join(music, 'piece-0.mid'), '--json', '--quiet');
    expect(code).toBe(0);
    const study = JSON.parse(stdout) as StudyData;
    expect(study.model.cell).toBe('gru');
    expect(Object.keys(study.units[0].saturation)).toEqual(['r', 'z', 'n']);
  });

  it('is refused with the names of the cells when there is none of that name', async () => {
    const { music, run } = folderWithMusic();
    const { code, stderr } = await runEtude('train', music, '--out', run, '--cell', 'gur');
    expect(code).toBe(2);
    expect(stderr).toMatch(/lstm, lstm-peephole, lstm-norm, gru, gru-before or rnn.*Did you mean gru\?/s);
  });
});

describe('etude train --hidden-size with commas', () => {
  it('trains layers of different widths, which play; --layers must say as many', async () => {
    const { run, base, music, ran } = await trainTiny('--layers', '2', '--hidden-size', '12,8');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('2 layers of LSTM of 12 and 8');
    expect(readMusicModel(run).spec.lstm).toEqual({ layers: 2, hiddenSize: 8, widths: [12, 8], dropout: 0.1 });
    const out = join(base, 'new.mid');
    const generated = await runEtude('generate', run, '--out', out, '--notes', '10', '--backend', 'reference');
    expect(generated.code, generated.stderr).toBe(0);
    const resumed = await runEtude('train', music, '--out', run, '--resume', '--hidden-size', '12,9');
    expect(resumed).toMatchObject({ code: 2, stderr: expect.stringMatching(/begun with 12,8 and cannot go on with 12,9/) as string }); // prettier-ignore
    const next = join(base, 'next');
    const tuned = await runEtude('train', music, '--from', run, '--out', next, '--hidden-size', '12');
    expect(tuned).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--hidden-size: the model has 12,8/) as string,
    });
  });

  it.each([
    ['12,8', /--hidden-size: 12,8 are the units of 2 layers, and --layers is 1/],
    ['12,', /Expected a whole number from 1 to 8,192, or one for each layer with commas/],
    ['12,x', /Expected a whole number/],
    ['12,0', /Expected a whole number/],
  ])('refuses %s, with the reason', async (sizes, message) => {
    const { music, run } = folderWithMusic();
    const { code, stderr } = await runEtude('train', music, '--out', run, '--hidden-size', sizes);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(run)).toBe(false);
  });
});
