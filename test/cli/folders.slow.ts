import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMusicModel } from '../../src/cli/run-folder.ts';
import { choosePreset, howTimeIsCounted } from '../../src/music/index.ts';
import { loadCorpus } from '../../src/midi/corpus/load-corpus.ts';
import { FOLDERS } from '../folders/index.ts';
import { countedByTone } from '../support/bars.ts';
import { runEtude } from './run-etude.ts';

/** Enough for an epoch of the largest. */
const STEPS = 130;

const root = mkdtempSync(join(tmpdir(), 'etude-folders-'));

afterAll(() => {
  rmSync(root, { recursive: true });
});

/** What the last line of `etude train --json` says. */
interface Summary {
  event: string;
  preset: string;
  reason: string;
  epochs: number;
  steps: number;
  best: { epoch: number; loss: number } | null;
  evaluation: { on: string; windows: number; heads: { name: string; loss: number; baseline: number; perplexity: number }[] };
  sample: { notes: number; primer: { name: string } };
  files: Record<string, string | null>;
} // prettier-ignore

interface Generated {
  notes: number;
  ended: string;
  primer: { name: string; notes: number };
}

describe.each(FOLDERS)('the folder $name', ({ name, write, metre, notated, instrument }) => {
  it('becomes a model and music with everything as it is unless told otherwise', async () => {
    const folder = join(root, name);
    const run = join(root, `${name} run`);
    const out = join(root, `${name}.mid`);
    write(folder);
    const trained = await runEtude(
      'train',
      folder,
      '--out',
      run,
      '--max-steps',
      String(STEPS),
      '--json',
      '--cache',
      'none',
    );
    expect(trained.code, trained.stderr).toBe(0);
    const summary = trained.stdout.trim().split('\n').map((line) => JSON.parse(line) as Summary).at(-1)!; // prettier-ignore
    expect(summary).toMatchObject({ event: 'summary', preset: 'songbook' });

    // What was said at the beginning: the choice and its reasons.
    const { pieces } = await loadCorpus([folder], { workers: 0, minNotes: 2 });
    const { why } = choosePreset(pieces);
    const said = trained.stderr.replace(/\n {10}/g, '\n');
    for (const sentence of why) expect(said).toContain(sentence);
    expect(howTimeIsCounted(pieces).time).toBe(notated ? 'beats' : 'seconds');
    const model = readMusicModel(run);
    expect(model.settings.time).toBe(notated ? 'beats' : 'seconds');

    // And at the end: what ended it, the epoch that is kept, how good it is, and where everything lies.
    if (summary.reason === 'max steps') expect(said).toContain(`Stopped after ${summary.steps} steps, as requested`);
    else expect(said).toMatch(new RegExp(`(Trained for|Stopped early after) ${summary.epochs} epochs? \\(${summary.steps} steps\\)`)); // prettier-ignore
    expect(summary.steps).toBeLessThanOrEqual(STEPS);
    expect(said).toContain(`the weights of epoch ${summary.best!.epoch} are kept`);
    const { evaluation } = summary;
    const pitch = evaluation.heads.find((head) => head.name === 'pitch')!;
    expect(said).toContain(`among ${pitch.perplexity.toFixed(1)} equally likely keys`);
    expect(said).toContain(`Loss ${pitch.loss.toFixed(3)} against ${pitch.baseline.toFixed(3)} nats`);
    expect(said.includes('that is no better than knowing only')).toBe(pitch.loss >= pitch.baseline - 0.005);
    expect(evaluation.on).toBe(name === 'thirty-notes' ? 'training' : 'validation');
    expect(said).toMatch(new RegExp(`${evaluation.windows.toLocaleString('en-US')} places? (of|in)`));
    for (const file of ['model', 'report', 'midi']) expect(said).toContain(summary.files[file]!);
    expect(readdirSync(run)).toEqual(expect.arrayContaining(['best.safetensors', 'generated.mid', 'report.html']));

    const generated = await runEtude('generate', run, '--out', out, '--json');
    expect(generated.code, generated.stderr).toBe(0);
    const drawn = JSON.parse(generated.stdout) as Generated;
    const { notes, meter, tempo } = countedByTone(readFileSync(out));
    expect(notes).toHaveLength(drawn.notes);
    expect(generated.stderr).toContain(`Length    ${drawn.notes.toLocaleString('en-US')} notes`);
    // It hears a piece begin, and nothing before.
    expect(drawn.primer.notes).toBe(0);
    expect(generated.stderr).toMatch(/^Primer +none$/m);
    // It ends by itself, or says that it did not.
    expect(generated.stderr.includes('did not end the piece')).toBe(drawn.ended === 'notes');
    expect(['end', 'notes']).toContain(drawn.ended);

    const written = meter.at(-1)!.slice(1);
    if (metre) expect(written).toEqual(metre);
    if (notated) {
      expect(model.codec.spec.beats!.meters).toContainEqual(written);
      expect(tempo[0][1]).toBeCloseTo(model.codec.spec.beats!.tempo, 2);
    }
    expect(notes.every(({ isDrum }) => isDrum === (instrument === 'drums'))).toBe(true);
  });
});
