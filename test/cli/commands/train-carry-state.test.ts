import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMusicModel } from '../../../src/cli/run-folder.ts';
import { runEtude } from '../run-etude.ts';
import { trainTiny } from '../tiny-music.ts';

const ENGINE = ['--threads', '1', '--backend', 'reference'];
const refused = (pattern: RegExp) => ({ code: 2, stderr: expect.stringMatching(pattern) as string });

describe('etude train --carry-state', () => {
  it('trains a model of whole pieces, which is resumed, evaluated, checked, plays and is trained on', async () => {
    const { run, music, base, ran } = await trainTiny('--carry-state', '--watch', 'every=2');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/windows? of \d+ notes, each going on from the one before/);
    expect(readMusicModel(run).settings.carryState).toBe(true);
    const evaluated = await runEtude('evaluate', run, music, ...ENGINE);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const out = join(base, 'new.mid');
    const generated = await runEtude('generate', run, '--out', out, '--notes', '10', '--backend', 'reference');
    expect(generated.code, generated.stderr).toBe(0);
    const checked = await runEtude('gradcheck', run, music, '--samples', '3');
    expect(checked.code, checked.stderr).toBe(0);
    expect((await runEtude('summary', run)).code).toBe(0);
    const resumed = await runEtude('train', music, '--out', run, '--resume', '--no-carry-state');
    expect(resumed).toMatchObject(refused(/--carry-state: the run was begun with true and cannot go on with false/));
    const next = join(base, 'next');
    const tuned = await runEtude('train', music, '--from', run, '--out', next, '--freeze', 'lstm.0', '--no-carry-state', '--epochs', '1', ...ENGINE);
    expect(tuned.code, tuned.stderr).toBe(0);
    const [before, after] = [readMusicModel(run), readMusicModel(next)];
    expect(after.settings).toMatchObject({ carryState: false, freeze: 'lstm.0' });
    expect(after.parameters['lstm.0.kernel']).toEqual(before.parameters['lstm.0.kernel']);
    const { groups } = JSON.parse((await runEtude('runs', run, next, '--json')).stdout) as { groups: unknown[] };
    expect(groups, 'losses of whole pieces and of windows are not compared').toHaveLength(2);
    expect(after.parameters['heads.pitch.kernel']).not.toEqual(before.parameters['heads.pitch.kernel']);
  }); // prettier-ignore

  it('is refused where it cannot be', async () => {
    expect((await trainTiny('--carry-state', '--loss-on', 'last')).ran).toMatchObject(refused(/--carry-state: .*add --loss-on all/));
    expect((await trainTiny('--carry-state', '--machines', '2')).ran).toMatchObject(refused(/--carry-state: the engine .* on one machine/));
    expect((await trainTiny('--freeze', 'lstm.3')).ran).toMatchObject(refused(/--freeze: this model has no "lstm.3"; what can be frozen is/));
  }); // prettier-ignore
});
