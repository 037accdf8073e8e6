import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run as runCommand } from '../../../src/cli/run.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { midiBytes, trainTiny, tune, useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();
const engine = ['--threads', '1', '--backend', 'reference'];

interface Result {
  split: string;
  pieces: number;
  trainedOn: number;
  windows: number;
  loss: number;
  heads: { name: string; loss: number; baseline: number; perplexity: number; unit: string }[];
}

async function evaluateJson(...argv: string[]): Promise<Result> {
  const { code, stdout, stderr } = await runEtude('evaluate', ...argv, ...engine, '--json', '--quiet');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Result;
}

describe('etude evaluate', () => {
  it('asks about the pieces that the model was not trained on, and prints losses, baselines and perplexities', async () => {
    const { run, music } = await tinyRun();
    const { code, stdout, stderr } = await runEtude('evaluate', run, music, ...engine);
    expect(code).toBe(0);
    expect(stderr).toContain('Evaluating on 1 piece that it was not trained on');
    expect(stdout).toMatch(
      /^Head +Loss +Baseline +Perplexity +Unit\npitch +\d+\.\d{4} +\d+\.\d{4} +\d+\.\d\d +nats\ntime to the next note/,
    );
    expect(stdout).toMatch(/Weighted loss \d+\.\d{4}; 24 windows, reference\./);
    expect(stdout).toMatch(/as uncertain of the pitch as among/);
  });

  it('agrees with the validation at the end of the training', async () => {
    const { run, music, ran } = await tinyRun();
    const { loss, heads, windows } = await evaluateJson(run, music);
    expect(windows).toBe(24);
    const [, quoted] = /Loss (\d+\.\d+) against/.exec(ran.stderr)!;
    expect(heads[0].loss.toFixed(3)).toBe(quoted);
    expect(heads[0].perplexity).toBeCloseTo(Math.exp(heads[0].loss));
    expect(loss).toBeCloseTo(heads.reduce((sum, head) => sum + head.loss, 0));
  });

  it('takes the side that is asked for by what the model remembers of its training', async () => {
    const { run, music } = await tinyRun();
    writeFileSync(join(music, 'new.mid'), midiBytes(tune(20, 70)));
    const results = await Promise.all(
      ['train', 'validation', 'test', 'all'].map((split) => evaluateJson(run, music, '--split', split)),
    );
    const counts = results.map(({ split, pieces, trainedOn, windows }) => [split, pieces, trainedOn, windows]);
    expect(counts).toEqual([['train', 3, 3, 72], ['validation', 1, 0, 24], ['test', 1, 0, 14], ['all', 5, 3, 110]]); // prettier-ignore
    expect(await evaluateJson(run, music)).toMatchObject({ split: 'untrained', pieces: 2, trainedOn: 0 });
  });

  it('says so when the model was trained on what it is asked about', async () => {
    const { run, music } = await tinyRun();
    const { stderr } = await runEtude('evaluate', run, music, ...engine, '--split', 'all');
    expect(stderr).toContain('The model was trained on 3 of these 4 pieces');
  });

  it('takes the validation side of data with a split of their own, or the side that is asked for', async () => {
    const { run, base } = await tinyRun();
    const maestro = join(base, 'maestro');
    mkdirSync(maestro);
    const row = (file: string, split: string) => `A,B,${split},2000,${file},,1`;
    const rows = [row('a.mid', 'train'), row('b.mid', 'validation'), row('c.mid', 'test')];
    const head = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration';
    writeFileSync(join(maestro, 'maestro-v2.0.0.csv'), [head, ...rows, ''].join('\n'));
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      writeFileSync(join(maestro, `${name}.mid`), midiBytes(tune(10 + i, 70 + i)));
    }
    expect(await evaluateJson(run, maestro)).toMatchObject({ split: 'validation', windows: 5 });
    expect(await evaluateJson(run, maestro, '--split', 'test')).toMatchObject({ split: 'test', windows: 6 });
    expect(await evaluateJson(run, maestro, '--split', 'all', '--windows', '3')).toMatchObject({
      pieces: 3,
      windows: 3,
    });
  });

  it.each([
    [['MISSING', 'MUSIC'], 1, /no such file or folder/],
    [['RUN', 'MISSING'], 1, /does not exist/],
    [['RUN', 'EMPTY'], 1, /no MIDI files/],
    [['RUN', 'MUSIC', '--split', 'test'], 1, /none of the 4 pieces is on the side "test"/],
    [['RUN', 'MUSIC', '--split', 'dev'], 2, /Expected all, train, validation or test/],
    [['RUN', 'MUSIC', '--windows', '0'], 2, /Expected a whole number/],
    [['RUN', 'MUSIC', '--threads', '2'], 2, /--threads/],
    [
      ['RUN', 'MUSIC', '--windows', '3', '--pieces'],
      2,
      /--windows contradicts --pieces: one reads windows, the other whole pieces/,
    ],
    [['RUN', 'MUSIC', '--notes', '30'], 2, /--notes has no effect without --pieces or --recall/],
    [['RUN', 'MUSIC', '--temperature', '0.9'], 2, /--temperature has no effect without --generate/],
    [
      ['RUN', 'MUSIC', '--generate', '2'],
      2,
      /expected a piece of 425 notes, the longest has 30. Take shorter ones \(--notes-each\)/,
    ],
    [['RUN', 'MUSIC', '--out', 'page.mid'], 2, /This writes a page or JSON/],
    [['RUN'], 2, /missing required argument 'data'/],
  ])('refuses %o with code %d', async (argv, expected, message) => {
    const { run, music, base } = await tinyRun();
    mkdirSync(join(base, 'empty'));
    const words: Record<string, string> = {
      RUN: run,
      MUSIC: music,
      MISSING: join(base, 'nothing'),
      EMPTY: join(base, 'empty'),
    };
    const { code, stdout, stderr } = await runEtude(
      'evaluate',
      ...argv.map((word) => words[word] ?? word),
      '--backend',
      'reference',
    );
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

/** A tiny model that draws a note part by part, and pieces that it was not trained on. */
describe('etude evaluate of a model that draws in an order', () => {
  const chained = useTinyRun(...['--velocity', 'classes', '--embedding', '4', '--order', 'step,pitch,duration,velocity']); // prettier-ignore
  const withNewPieces = async () => {
    const folders = await chained();
    for (let k = 0; k < 2; k++) writeFileSync(join(folders.music, `new-${k}.mid`), midiBytes(tune(120, 60 + k)));
    return folders;
  };
  const HEADS = ['step', 'pitch', 'duration', 'velocity'];

  interface Cost {
    nats: number;
    bits: number;
    onGrid: number;
  }
  interface Found {
    windows?: number;
    heads?: { name: string; loss: number; baseline: number }[];
    note: { loss: Cost; baseline: Cost };
    whole: {
      pieces: number;
      notes: number;
      recall: number;
      heads: { name: string; model: number; memory?: number; baseline: number; positions: unknown[] }[];
      note: { model: Cost; memory?: Cost; baseline: Cost; positions: { from: number; to: number | null; notes: number; model: number; memory?: number }[] }; // prettier-ignore
    };
    generated: {
      pieces: { seed: number; primer: string; notes: number; struckWhileHeld: number }[];
      notesEach: number;
      clips: number;
      compared: number;
      inside: number;
      outside: number;
      overlap: number | null;
      figures: { name: string; inside: boolean | null }[];
    };
  }
  const found = async (...argv: string[]) => (await evaluateJson(...argv)) as unknown as Found;

  it('adds up the nats of a note, in bits and on a grid of 10 ms', async () => {
    const { run, music } = await withNewPieces();
    const { heads = [], note } = await found(run, music);
    expect(heads.map(({ name }) => name)).toEqual(HEADS);
    expect(note.loss.nats).toBeCloseTo(
      heads.reduce((sum, { loss }) => sum + loss, 0),
      10,
    );
    expect(note.loss.bits).toBeCloseTo(note.loss.nats / Math.LN2, 10);
    expect(note.loss.onGrid).toBeGreaterThan(note.loss.nats);
    expect(note.baseline.nats).toBeCloseTo(
      heads.reduce((sum, { baseline }) => sum + baseline, 0),
      10,
    );
    const { stdout } = await runEtude('evaluate', run, music, ...engine);
    expect(stdout).toMatch(/^note +\d+\.\d{4} +\d+\.\d{4}$/m);
    expect(stdout).toMatch(new RegExp(`^  on a grid of 10 ms +${note.loss.onGrid.toFixed(4)} `, 'm'));
  });

  it('reads whole pieces, the memory beside the model, by position', async () => {
    const { run, music } = await withNewPieces();
    const alone = await found(run, music, '--pieces');
    expect(alone).not.toHaveProperty('windows');
    expect(alone.whole).toMatchObject({ pieces: 3, notes: 29 + 2 * 119, recall: 0 });
    expect(alone.whole.heads.map(({ name }) => name)).toEqual(HEADS);
    expect(alone.whole.note).not.toHaveProperty('memory');
    const { whole } = await found(run, music, '--recall', '1');
    expect(whole.recall).toBe(1);
    expect(whole.note.model).toEqual(alone.whole.note.model);
    expect(whole.note.memory!.nats).toBeLessThan(whole.note.model.nats);
    expect(whole.note.positions.map(({ from, to, notes }) => [from, to, notes])).toEqual([[1, 64, 29 + 2 * 63], [64, 256, 2 * 56]]); // prettier-ignore
    const { stdout, stderr } = await runEtude('evaluate', run, music, ...engine, '--recall', '1');
    expect(stderr).toMatch(/Reading 270\/270/);
    expect(stdout).toMatch(/^Head +Nats +With memory +Baseline +Perplexity\ntime to the next note/);
    expect(stdout).toMatch(
      /^Notes heard +Notes +time to the next note +pitch +duration +velocity +note\n1 to 63 +155 .*\n64 to 255 +112 /m,
    );
    expect(stdout).toMatch(/^With memory$/m);
    expect(stdout).toMatch(
      /267 notes in 3 pieces, .* nats per note with its memory, \d\.\d{3} less than without; \d+\.\d{3} on a 10 ms grid/,
    );
  });

  it('reads the first notes of each piece only, where that is asked for', async () => {
    const { run, music } = await withNewPieces();
    const { whole } = await found(run, music, '--pieces', '--notes', '11');
    expect(whole).toMatchObject({ pieces: 3, notes: 30 });
  });

  it('sets the figures of new pieces beside those of the music', async () => {
    const { run, music } = await withNewPieces();
    const asked = ['--pieces', '--generate', '2', '--notes-each', '20', '--seed', '5'];
    const { generated } = await found(run, music, ...asked);
    expect(generated.pieces).toMatchObject([{ seed: 5, notes: 20 }, { seed: 6, notes: 20 }]); // prettier-ignore
    expect(generated.pieces.map(({ primer }) => primer)).toEqual(['new-0', 'new-1']);
    expect([generated.notesEach, generated.clips]).toEqual([20, 8]);
    const inside = generated.figures.filter((figure) => figure.inside);
    expect(generated.inside).toBe(inside.length);
    expect(generated.compared).toBe(generated.figures.filter((figure) => figure.inside !== null).length);
    expect(await found(run, music, ...asked)).toMatchObject({ generated });
    const { stdout, stderr } = await runEtude('evaluate', run, music, ...engine, ...asked);
    expect(stderr).toMatch(/Generating 2\/2/);
    expect(stdout).toMatch(/^Figure +Human 5 % +Median +95 % +Generated +Outside +Overlap\ndensity +3\.33 /m);
    expect(stdout).toMatch(new RegExp(`^velMean +80 +80 +80 .*(above|below)$`, 'm'));
    expect(stdout).toContain(
      `2 generated pieces of 20 notes, compared with 8 clips of human music: for ${generated.inside} of ${generated.compared} figures the median lies within`,
    );
  });

  it('writes a page that needs nothing else, or the numbers', async () => {
    const { run, music, base } = await withNewPieces();
    const asked = ['--recall', '1', '--generate', '3', '--notes-each', '20', '--out'];
    const out = join(base, 'evaluation.html');
    const { code, stderr } = await runEtude('evaluate', run, music, ...engine, ...asked, out);
    expect(code).toBe(0);
    expect(stderr).toMatch(/wrote .*evaluation\.html/);
    const html = readFileSync(out, 'utf8');
    const titles = [...html.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(([, title]) => title.replace(/\d+/g, 'N'));
    const pair = ['Generated with seed N, after the opening of new-N', 'Played: new-N, from note N'];
    expect(titles).toEqual(['A whole note', 'Its pitch', ...pair, ...pair, ...pair]);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<link|@import/);
    expect(html.match(/<svg class="range"/g)!.length).toBeGreaterThan(20);
    expect(html).toMatch(/<th scope="row">note, on a grid of 10 ms<\/th>/);
    expect((await runEtude('evaluate', run, music, ...engine, '--out', out)).code, 'it stays').toBe(1);
    const json = join(base, 'evaluation.json');
    const { stdout } = await runEtude('evaluate', run, music, ...engine, '--json', ...asked, json);
    expect(readFileSync(json, 'utf8')).toBe(stdout);
  });

  it('says so where the model is too old to know the frequencies of its training pieces', async () => {
    const { run, music } = await withNewPieces();
    const path = join(run, 'best.safetensors');
    const checkpoint = decodeCheckpoint(readFileSync(path));
    delete checkpoint.extra.frequencies;
    writeFileSync(path, encodeCheckpoint(checkpoint));
    expect(await found(run, music)).toMatchObject({ note: { baseline: null }, heads: HEADS.map(() => ({ baseline: null })) }); // prettier-ignore
    const { stdout } = await runEtude('evaluate', run, music, ...engine, '--pieces');
    expect(stdout).toContain(
      'This model was saved by an earlier version, which did not store the frequencies of its training pieces',
    );
  });

  it('refuses whole pieces to a model of numbers, and says what to do instead', async () => {
    const { run, music } = await trainTiny('--step', 'raw', '--duration', 'raw');
    for (const asked of [['--pieces'], ['--recall', '1']]) {
      const { code, stdout, stderr } = await runEtude('evaluate', run, music, ...engine, ...asked);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /this model predicts times as numbers.* Leave out --pieces and --recall.* --step bins --duration bins/,
      );
    }
    const { note, heads = [] } = await found(run, music);
    expect(note).toBeNull();
    expect(heads).toHaveLength(3);
  });

  it('ends at Ctrl-C without a result', async () => {
    const { run, music } = await withNewPieces();
    const { io, stdout, stderr, interrupt } = testIo();
    const write = stderr.write.bind(stderr);
    stderr.write = (text) => {
      write(text);
      if (stderr.text.includes('Reading 270/270')) interrupt();
    };
    const endless = ['--pieces', '--generate', '900', '--notes-each', '20'];
    expect(await runCommand(['evaluate', run, music, ...engine, ...endless], io)).toBe(130);
    expect(stdout.text).toBe('');
    expect(stderr.text).toContain('interrupted; there is no result');
  });
});
