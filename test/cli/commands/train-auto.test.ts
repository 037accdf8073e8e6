import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, readMusicModel } from '../../../src/cli/run-folder.ts';
import type { Note } from '../../../src/midi/index.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import { countedByTone } from '../../support/bars.ts';
import { digest } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** What makes the chosen model small; the rest is chosen. */
const SMALL = [
  ...['--hidden-size', '8', '--embedding', '4', '--head-hidden', '4', '--batch-size', '8', '--epochs', '2'],
  ...['--steps-per-epoch', '3', '--threads', '1', '--backend', 'reference', '--no-fit-memory'],
];

/** A waltz at 90 to the minute, in a key of its own: a quarter and two eighths, and a half with a quarter. */
function waltz(key: number, bars = 10): Note[] {
  // In whole microseconds, as files count.
  const quarter = Math.round(6e7 / 90) / 1e6;
  return Array.from({ length: bars }, (_, bar) => {
    const lengths = bar % 2 === 0 ? [1, 0.5, 0.5, 1] : [2, 1];
    let at = 3 * bar;
    return lengths.map((length, i) => {
      const note = { pitch: key + [0, 4, 7, 12][(i + bar) % 4], velocity: 80, start: at * quarter, end: (at + length) * quarter }; // prettier-ignore
      at += length;
      return note;
    });
  }).flat();
}

const write = (notes: Note[], isDrum = false): Uint8Array =>
  writeMidi([{ program: 0, isDrum, name: '', notes }], { tempo: 90, timeSignature: [3, 4], resolution: 240 });
/** The same, as somebody plays it. */
const played = (notes: Note[]): Note[] =>
  notes.map(({ start, ...note }, i) => ({ ...note, start: start + 0.04 * Math.abs(Math.sin(i * 17 + 1)) }));

function musicOf(files: Uint8Array[]): { base: string; music: string; run: string } {
  const base = temporaryFolder();
  const music = join(base, 'music');
  mkdirSync(music);
  files.forEach((bytes, k) => {
    writeFileSync(join(music, `piece-${k}.mid`), bytes);
  });
  return { base, music, run: join(base, 'run') };
}
const waltzes = () => musicOf([50, 53, 57, 60].map((key) => write(waltz(key))));
const trainOn = (music: string, run: string, ...more: string[]) =>
  runEtude('train', music, '--out', run, ...SMALL, ...more);
const settingsOf = (run: string) => (JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { settings: Record<string, unknown> }).settings; // prettier-ignore

describe('etude train without a preset', () => {
  it('chooses what suits written music, and says what it found, why, and what was asked otherwise', async () => {
    const { music, run } = waltzes();
    const { code, stderr } = await trainOn(music, run);
    expect(code).toBe(0);
    expect(stderr).toMatch(/Chosen +120 notes in notation \(100 % of their onsets lie on a beat grid\): the preset songbook, in beats\.\n/); // prettier-ignore
    expect(stderr).toMatch(/\n +So little music is soon memorised: 64 units instead of 128\./);
    expect(stderr).toMatch(/\n +Windows of 30 notes: nearly all of it is in pieces that fill one\.\n/);
    expect(stderr).toMatch(/\n +Too little music to hold any out for validation/);
    expect(stderr).toMatch(/\n +An epoch of it has about 22 steps: up to 57 epochs\.\n/);
    expect(stderr).toMatch(/\n +Set by you: --hidden-size 8, --epochs 2\.\n/);
    expect(stderr).toContain('moved anew by up to 6 semitones whenever it is used');
    expect(stderr).not.toContain('of its tempo');
    const model = readMusicModel(run);
    expect(model).toMatchObject({ preset: 'songbook', settings: { time: 'beats', seqLength: 30, hiddenSize: 8, ends: true } }); // prettier-ignore
    expect(model.codec.spec).toMatchObject({ beats: { meters: [[3, 4]] }, ends: { notes: 30 } });
    expect(model.codec.spec.beats!.tempo).toBeCloseTo(90, 3);
    const { tempo, meter } = countedByTone(readFileSync(join(run, 'generated.mid')));
    expect(tempo[0][1]).toBeCloseTo(90, 3);
    expect(meter.at(-1)!.slice(1)).toEqual([3, 4]);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('drawn at temperature 0.9');
  });

  it('makes the same of the word auto', async () => {
    const { base, music, run } = waltzes();
    const other = join(base, 'other');
    await trainOn(music, run, '--no-sample');
    await trainOn(music, other, '--no-sample', '--preset', 'auto', '--time', 'auto');
    expect(digest(join(other, 'last.safetensors'))).toBe(digest(join(run, 'last.safetensors')));
  });

  it('counts played music in seconds, with the pedal and chords as one', async () => {
    const { music, run } = musicOf([50, 53, 57, 60].map((key) => write(played(waltz(key)))));
    const { code, stderr } = await trainOn(music, run);
    expect(code).toBe(0);
    expect(stderr).toMatch(/as performed \(\d+ % of their onsets .*\): the preset songbook, in seconds/);
    expect(stderr).toContain('up to 10 % of its tempo');
    expect(readMusicModel(run).settings).toMatchObject({ time: 'seconds', sustain: true, chords: 30 });
    expect(readMusicModel(run).codec.spec).not.toHaveProperty('beats');
  });

  it('ends with a report where windows are longer than any piece, which marks allow', async () => {
    const { music, run } = musicOf([50, 53, 57].map((key) => write(waltz(key, 30))));
    const { code, stderr } = await trainOn(music, run, '--seq-length', '110');
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(existsSync(join(run, 'report.html'))).toBe(true);
  });

  it('takes drums for drums, and draws drums', async () => {
    const kits = [3, 5, 7].map((k) => write(waltz(36).map((note, i) => ({ ...note, pitch: 36 + ((i * k) % 9) })), true)); // prettier-ignore
    const { music, run } = musicOf(kits);
    const { code, stderr } = await trainOn(music, run, '--max-steps', '3');
    expect(code).toBe(0);
    expect(stderr).toContain('Drums only: nothing is transposed, and the output is a drum track (--instrument drums).'); // prettier-ignore
    expect(stderr).not.toContain('taken for those of a piano');
    expect(readMusicModel(run).settings).toMatchObject({ instrument: 'drums', transpose: 0 });
    const { notes } = countedByTone(readFileSync(join(run, 'generated.mid')));
    expect(notes.every(({ isDrum }) => isDrum)).toBe(true);
    const resumed = await runEtude('train', '--out', run, '--resume', '--max-steps', 'none');
    expect([resumed.code, readCheckpoint(run, 'last').training!.trainer.step]).toEqual([0, 6]);
    // Said otherwise, they are warned of.
    const piano = await trainOn(music, join(music, '../piano'), '--no-sample', '--instrument', 'first');
    expect(piano.stderr).toContain('taken for those of a piano');
    expect(piano.stderr).toContain('Set by you: --instrument first, --hidden-size 8, --epochs 2.');
  });

  it('keeps to what is asked', async () => {
    const { base, music } = waltzes();
    const ask = async (name: string, ...more: string[]) => {
      const { code, stderr } = await trainOn(music, join(base, name), '--no-sample', ...more);
      expect(code, stderr).toBe(0);
      return { stderr, model: readMusicModel(join(base, name)), settings: settingsOf(join(base, name)) };
    };
    const seconds = await ask('seconds', '--time', 'seconds');
    expect(seconds.stderr).toContain('the preset songbook, in seconds.');
    expect(seconds.model.codec.spec).not.toHaveProperty('beats');
    const loud = await ask('loud', '--velocity', 'classes');
    expect(loud.model.codec.heads.map(({ name }) => name)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    const endless = await ask('endless', '--no-ends');
    expect(endless.model.codec.endClass).toBeUndefined();
    expect(endless.settings).toMatchObject({ ends: false, seqLength: 29 });
    const short = await ask('short', '--seq-length', '5');
    expect(short.stderr).toContain('Set by you: --hidden-size 8, --seq-length 5, --epochs 2.');
    expect(short.settings).toMatchObject({ seqLength: 5 });
    const plain = await ask('plain', '--no-ends', '--order', 'none', '--embedding', 'none', '--head-hidden', '0');
    expect(plain.model.codec.inputs.categories.map(({ name }) => name)).toEqual(['pitch', 'place']);
  });

  it('ends where it is told to, whatever would be chosen', async () => {
    // A corpus for which forty epochs are chosen.
    const { music, run } = musicOf([50, 54, 58, 62].map((key) => write(waltz(key, 8500))));
    const withoutEpochs = SMALL.filter((_, k) => !SMALL.slice(Math.max(0, k - 1), k + 1).includes('--epochs'));
    const brief = ['--minutes', '0.0001', '--validation-windows', '10', '--validation', '0', '--no-sample'];
    const { code, stderr } = await runEtude('train', music, '--out', run, ...withoutEpochs, ...brief);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('102,000 notes in notation');
    expect(stderr).toContain('Set by you: --hidden-size 8, --epochs none.');
    expect(settingsOf(run)).toMatchObject({ epochs: null, minutes: 0.0001, dropout: 0.3 });
  });

  it.each([
    [['--velocity', 'number'], /only classes can be embedded\. Give velocity as 'classes' or 'none' .* or no embedding/],
    [['--pitch', 'scalar'], /Give pitch as 'onehot' .* or no embedding/],
    [['--step', 'log'], /Give step as 'bins'/],
    [['--embedding', 'none'], /Give an embedding, and an order that begins with step; or no ends/],
    [['--order', 'none'], /Give an embedding, and an order that begins with step; or no ends/],
    [['--order', 'pitch,step,duration'], /an order that begins with step; or no ends/],
    [['--epochs', 'none'], /--epochs: with "none", say with --max-steps or --minutes when the training ends/],
    [['--schedule', 'constant', '--flat', '0.5'], /--flat: only the schedules cosine and linear/],
    [['--time', 'bars'], /Expected auto, seconds or beats/],
    [['--preset', 'authentic'], /auto, songbook, quick, performance or tutorial/],
  ])('refuses %o before it reads anything, and says what to do', async (more, message) => {
    const { music, run } = waltzes();
    const { code, stderr } = await runEtude('train', join(music, 'not there'), '--out', run, ...more);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  }); // prettier-ignore
});

describe('a run whose preset was chosen', () => {
  it('goes on to the bytes of one that was never stopped, asked as it was or not', async () => {
    const { base, music, run } = waltzes();
    await trainOn(music, run);
    for (const [name, ...more] of [['half'], ['said', '--preset', 'auto', '--time', 'auto']]) {
      const half = join(base, name);
      await trainOn(music, half, '--max-steps', '2');
      const { code, stderr } = await runEtude(
        'train',
        '--out',
        half,
        '--resume',
        '--max-steps',
        'none',
        '--no-fit-memory',
        ...more,
      );
      expect(code, stderr).toBe(0);
      for (const file of ['last.safetensors', 'generated.mid'])
        expect(digest(join(half, file))).toBe(digest(join(run, file)));
    }
  });

  it('refuses to go on otherwise than it was chosen', async () => {
    const { music, run } = waltzes();
    await trainOn(music, run, '--max-steps', '2', '--no-sample');
    const resume = async (...more: string[]) => {
      const { code, stderr } = await runEtude('train', '--out', run, '--resume', ...more);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await resume('--time', 'seconds')).toMatch(/--time: the run was begun with beats and cannot go on with seconds/); // prettier-ignore
    expect(await resume('--preset', 'quick')).toMatch(/--preset: the run was begun with songbook and cannot go on with quick/); // prettier-ignore
    expect(await resume('--no-ends')).toMatch(/--ends: the run was begun with true and cannot go on with false/);
  });

  it('can be trained on with other music, in its own beats and with its own ends', async () => {
    const { base, music, run } = waltzes();
    await trainOn(music, run, '--no-sample');
    const { music: others } = musicOf([45, 48].map((key) => write(waltz(key, 14))));
    const own = ['--threads', '1', '--backend', 'reference', '--max-steps', '2', '--no-fit-memory'];
    for (const [name, ...more] of [['on'], ['auto', '--preset', 'auto', '--time', 'auto']]) {
      const next = join(base, name);
      const { code, stderr } = await runEtude('train', others, '--from', run, '--out', next, ...own, ...more);
      expect(code, stderr).toBe(0);
      const [old, made] = [readMusicModel(run), readMusicModel(next)];
      expect(made.codec.spec).toEqual(old.codec.spec);
      expect(made.settings.time).toBe('beats');
    }
    const refused = await runEtude('train', others, '--from', run, '--out', join(base, 'no'), ...own, '--time', 'seconds'); // prettier-ignore
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--time: the model has beats .*Leave out --time/)]); // prettier-ignore
    const endless = await runEtude('train', others, '--from', run, '--out', join(base, 'no'), ...own, '--no-ends');
    expect([endless.code, endless.stderr]).toEqual([2, expect.stringMatching(/--ends: the model has true/)]);
  });
});

describe('etude generate with a model of written music', () => {
  it('ends pieces, or warns; tells tempo, bars and primer as they are written', async () => {
    const { base, music, run } = waltzes();
    await trainOn(music, run, '--no-sample');
    const out = join(base, 'new.mid');
    const generate = async (...more: string[]) => {
      const ran = await runEtude('generate', run, '--out', out, '--force', '--json', ...more);
      expect(ran.code, ran.stderr).toBe(0);
      const json = JSON.parse(ran.stdout) as { notes: number; ended: string; primer: { notes: number } };
      return { ...json, stderr: ran.stderr, primed: json.primer.notes, file: countedByTone(readFileSync(out)) };
    };
    const piece = await generate();
    expect(piece.ended).toBe('end');
    expect(piece.file.notes).toHaveLength(piece.notes);
    expect(piece.stderr).not.toContain('did not end');
    expect(piece.file.meter.at(-1)!.slice(1)).toEqual([3, 4]);
    expect(await generate('--notes', 'auto')).toEqual(piece);

    const fast = await generate('--tempo', '180', '--notes', '25');
    expect([fast.notes, fast.ended]).toEqual([25, 'notes']);
    expect(fast.file.tempo[0][1]).toBeCloseTo(180, 3);
    expect((await generate('--notes', '25')).file.notes).toEqual(fast.file.notes);

    expect(piece.primed).toBe(0);
    const whole = await generate('--include-primer', '--notes', '10', '--primer', join(music, 'piece-0.mid'));
    expect(whole.file.notes).toHaveLength(10 + whole.primed);
    // The primer is the opening of a waltz: it begins a bar.
    expect(whole.file.meter).toEqual([[0, 3, 4]]);
    const alone = await runEtude('generate', run, '--out', out, '--force', '--include-primer');
    expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('--include-primer: no effect where the model begins from nothing; give a --primer') as string }); // prettier-ignore
    const typed = await generate('--include-primer', '--notes', '10', '--primer', 'c4:4 e4:8 g4:8 c5:4 c5:2');
    expect(typed.file.notes.slice(0, 5).map(({ pitch, start }) => [pitch, start])).toEqual([[60, 0], [64, 1], [67, 1.5], [72, 2], [72, 3]]); // prettier-ignore
    const seconds = await generate('--seconds', '4', '--tempo', '60');
    expect(seconds.ended).toBe('seconds');
    expect(Math.max(...seconds.file.notes.map(({ end }) => end))).toBeLessThanOrEqual(4);
  });

  it('refuses a tempo and an end where a model knows none', async () => {
    const { base, music, run } = waltzes();
    await trainOn(music, run, '--no-sample', '--time', 'seconds', '--no-ends');
    const refused = async (...more: string[]) => {
      const { code, stderr } = await runEtude('generate', run, '--out', join(base, 'new.mid'), ...more);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('--tempo', '90')).toMatch(/counts time in seconds and knows no tempo\. Leave it out/);
    expect(await refused('--notes', 'auto')).toMatch(/does not know how pieces end\. Give a number of notes/);
    expect(await refused('--notes', 'some')).toMatch(/Expected a whole number/);
  });

  it('draws many pieces on threads as each alone', async () => {
    const { base, music, run } = waltzes();
    await trainOn(music, run, '--no-sample');
    const many = await runEtude('generate', run, '--out', join(base, 'n.mid'), '--samples', '3', '--threads', '2', '--seed', '4'); // prettier-ignore
    expect(many.code, many.stderr).toBe(0);
    for (const k of [1, 2, 3]) {
      await runEtude('generate', run, '--out', join(base, `alone-${k}.mid`), '--seed', String(3 + k));
      expect(digest(join(base, `n-${k}.mid`))).toBe(digest(join(base, `alone-${k}.mid`)));
    }
  });
});
