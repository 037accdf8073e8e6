import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run as runWith } from '../../../src/cli/run.ts';
import { readCheckpoint, writeCheckpoint } from '../../../src/cli/run-folder.ts';
import { readMidiFile } from '../../../src/midi/node.ts';
import { contents } from '../folder-contents.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();

const bytesOf = (path: string): string => readFileSync(path).toString('hex');
const midiIn = (base: string): string[] => readdirSync(base).filter((name) => name.endsWith('.mid')).sort(); // prettier-ignore

describe('etude generate --samples', () => {
  it('writes pieces whose bytes are those of their seeds one by one, however many threads draw them', async () => {
    const { run, base } = await tinyRun();
    const how = ['--notes', '40', '--temperature', '1.3', '--include-primer'];
    for (let k = 0; k < 3; k++) {
      const alone = ['generate', run, '--out', join(base, `alone-${k}.mid`), '--seed', String(7 + k), ...how];
      expect((await runEtude(...alone, '--svg', join(base, `alone-${k}.svg`))).code).toBe(0);
    }
    for (const threads of ['1', '2']) {
      const [out, svg] = [join(base, `t${threads}.mid`), join(base, `t${threads}.svg`)];
      const args = ['--out', out, '--svg', svg, '--samples', '3', '--threads', threads, '--seed', '7', ...how];
      const { code, stdout } = await runEtude('generate', run, ...args);
      expect([code, stdout]).toEqual([0, '']);
      for (let k = 0; k < 3; k++) {
        expect(bytesOf(join(base, `t${threads}-${k + 1}.mid`))).toBe(bytesOf(join(base, `alone-${k}.mid`)));
        const title = (text: string): string => text.replaceAll(/(alone|t\d)-\d/g, '');
        const [one, other] = [`t${threads}-${k + 1}.svg`, `alone-${k}.svg`].map((name) =>
          readFileSync(join(base, name), 'utf8'),
        );
        expect(title(one)).toBe(title(other));
      }
      expect(existsSync(out)).toBe(false);
    }
  });

  it('numbers the files with as many digits as needed, and says their figures in a table', async () => {
    const { run, base } = await tinyRun();
    const args = ['generate', run, '--out', join(base, 'new.mid'), '--samples', '10', '--seconds', '3'];
    const { stderr } = await runEtude(...args);
    expect(midiIn(base)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((k) => `new-${String(k).padStart(2, '0')}.mid`));
    expect(stderr).toMatch(/File +Seed +Notes +Length +Range +Repeats +Notes\/s\n/);
    for (let k = 1; k <= 10; k++) expect(stderr).toMatch(new RegExp(`new-${String(k).padStart(2, '0')}.mid +${41 + k} +\\d+ +0:0[123]\\.`)); // prettier-ignore
    const one = await runEtude('generate', run, '--out', join(base, 'one.mid'), '--samples', '1');
    expect([one.code, existsSync(join(base, 'one-1.mid'))]).toEqual([0, true]);
  });

  it('has an array in JSON, and plays each', async () => {
    const { run, base } = await tinyRun();
    const [out, wav] = [join(base, 'a.mid'), join(base, 'b.wav')];
    const args = ['--out', out, '--wav', wav, '--soundfont', 'none', '--notes', '5', '--samples', '2', '--json', '-q'];
    const { stdout, stderr } = await runEtude('generate', run, ...args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      model: run,
      primer: { notes: 6, included: false },
      pieces: [1, 2].map((k) => ({
        out: join(base, `a-${k}.mid`),
        wav: join(base, `b-${k}.wav`),
        svg: null,
        seed: 41 + k,
        notes: 5,
        ended: 'notes',
        analysis: { notes: 5 },
      })),
    });
    for (const k of [1, 2])
      expect(
        readFileSync(join(base, `b-${k}.wav`))
          .subarray(0, 4)
          .toString(),
      ).toBe('RIFF');
  });

  it('looks at all outputs before anything is drawn', async () => {
    const { run, base } = await tinyRun();
    writeFileSync(join(base, 'new-2.mid'), 'old');
    const before = contents(base);
    const args = ['generate', run, '--out', join(base, 'new.mid'), '--samples', '3', '--notes', '5'];
    const { code, stderr } = await runEtude(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/new-2\.mid: .*already there.*--force/)]);
    expect(contents(base)).toEqual(before);
    expect((await runEtude(...args, '--force')).code).toBe(0);
    expect(midiIn(base)).toEqual(['new-1.mid', 'new-2.mid', 'new-3.mid']);
  });

  it.each([
    [['--out', '-', '--samples', '2'], /--samples writes a file for each piece, and stdout is one/],
    [['--out', 'a.mid', '--svg', '-', '--samples', '2'], /stdout is one/],
    [['--out', 'a.mid', '--threads', '2'], /--threads has no effect without --samples/],
    [['--out', 'a.mid', '--samples', '0'], /Expected a whole number from 1 to 10,000/],
    [['--out', 'a.mid', '--samples', '3', '--seed', '9007199254740990'], /the last would be too large/],
    [['--out', 'a.mid', '--samples', '2', '--compat', 'tutorial'], /compat tutorial: .*pitch 'scalar'/],
  ])('%o ends with 2 and writes nothing', async (more, message) => {
    const { run, base } = await tinyRun();
    const before = contents(base);
    const { code, stderr } = await runEtude('generate', run, ...more.map((word) => word.replace('a.mid', join(base, 'a.mid')))); // prettier-ignore
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(contents(base)).toEqual(before);
  });

  it('ends with the error of a piece alone where a model is broken', async () => {
    const { run, base } = await tinyRun();
    const checkpoint = readCheckpoint(run);
    // Open gates and the largest weights there are: their sum overflows.
    const large: Record<string, number> = { 'lstm.0.bias': 100, 'heads.pitch.kernel': 3.4e38 };
    const parameters = Object.fromEntries(
      Object.entries(checkpoint.parameters).map(([name, values]) => [
        name,
        values.map((value) => large[name] ?? value),
      ]),
    );
    const broken = join(base, 'broken.safetensors');
    writeCheckpoint(broken, { ...checkpoint, training: undefined, parameters });
    const alone = await runEtude('generate', broken, '--out', join(base, 'a.mid'), '-q');
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('What the model says of pitch') as string });
    const many = await runEtude('generate', broken, '--out', join(base, 'a.mid'), '--samples', '3', '-q');
    expect(many).toEqual(alone);
  });

  it('leaves whole pieces when it is interrupted, and says which', async () => {
    const { run, base } = await tinyRun();
    const { io, stderr, interrupt } = testIo();
    const args = [
      'generate',
      run,
      '--out',
      join(base, 'new.mid'),
      '--samples',
      '500',
      '--threads',
      '2',
      '--notes',
      '300',
    ];
    const ended = runWith(args, io);
    while (midiIn(base).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    interrupt();
    expect(await ended).toBe(130);
    const written = midiIn(base);
    expect(written.length).toBeLessThan(500);
    for (const name of written) expect(readMidiFile(join(base, name)).instruments[0].notes).toHaveLength(300);
    expect(stderr.text).toContain(`interrupted; of 500 pieces ${written.length} are written: `);
    expect(readdirSync(base).filter((name) => name.includes('new') && !name.endsWith('.mid'))).toEqual([]);
  });
});
