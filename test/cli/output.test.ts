import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run as runLine } from '../../src/cli/run.ts';
import { runEtude, testIo } from './run-etude.ts';
import { useTinyRun } from './tiny-music.ts';

const tinyRun = useTinyRun();

async function withStdout(argv: string[], terminal: { isTTY?: boolean } = {}) {
  const { io, stdout, stderr } = testIo(terminal);
  const code = await runLine(argv, io);
  return { code, bytes: stdout.bytes, text: stdout.text, stderr: stderr.text };
}

describe('the ending of an output', () => {
  it.each([
    ['generate m -o x.wav', /writes MIDI: expected .*\.mid.* For WAV sound: --wav FILE\./],
    ['generate m -o x.mp3', /writes MIDI/],
    ['generate m -o x.mid --wav x.mid', /writes WAV sound/],
    ['generate m -o x.mid --svg x.png', /writes an SVG picture/],
    ['listen a.mid -o a.mid', /writes WAV sound/],
    ['study m a.mid -o a.svg', /writes a page or JSON/],
    ['bench train -o a.svg', /writes JSON.* For an SVG picture: --svg FILE/],
  ])('that says another kind of file is refused: etude %s', async (line, message) => {
    const { code, stderr } = await runEtude(...line.split(' '));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it.each(['train m -o -', 'inspect a.mid -o -', 'demo -o -'])(
    'of a folder cannot be stdout: etude %s',
    async (line) => {
      expect(await runEtude(...line.split(' '))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('stdout cannot hold it') as string,
      });
    },
  );
});

describe('--out -', () => {
  it('writes the very bytes of the file to stdout: MIDI, sound, picture', async () => {
    const { run, base } = await tinyRun();
    const [mid, wav] = [join(base, 'out.mid'), join(base, 'out.wav')];
    await runEtude('generate', run, '--out', mid, '--notes', '5');
    const piped = await withStdout(['generate', run, '--out', '-', '--notes', '5']);
    expect(piped).toMatchObject({ code: 0, text: '' });
    expect(piped.bytes.equals(readFileSync(mid))).toBe(true);
    expect(piped.stderr).toContain('Written   stdout');
    const sound = ['--soundfont', 'none', '--sample-rate', '8000', '--seconds', '0.2'];
    await runEtude('listen', mid, '--out', wav, ...sound);
    expect((await withStdout(['listen', mid, '--out', '-', ...sound])).bytes.equals(readFileSync(wav))).toBe(true);
    const picture = await withStdout(['generate', run, '--out', join(base, 'b.mid'), '--notes', '5', '--svg', '-']);
    expect(picture.text).toMatch(/^<svg [^]*<\/svg>\s*$/);
    expect(existsSync('-')).toBe(false);
  });

  it('of study is the page alone: the findings go to stderr', async () => {
    const { run, music } = await tinyRun();
    const { code, text, stderr } = await withStdout(['study', run, join(music, 'piece-0.mid'), '--out', '-']);
    expect(code).toBe(0);
    expect(text).toMatch(/^<!doctype html>[^]*<\/html>\s*$/i);
    expect(stderr).toMatch(/^1\. /m);
  });

  it('is refused where --json prints as well, and binary data on a terminal', async () => {
    const { run, base } = await tinyRun();
    const json = await withStdout(['generate', run, '--out', '-', '--json']);
    expect(json).toMatchObject({ code: 2, text: '', stderr: expect.stringContaining('--json') as string });
    const terminal = await withStdout(['generate', run, '--out', '-'], { isTTY: true });
    expect(terminal).toMatchObject({ code: 2, text: '' });
    expect(terminal.bytes.length).toBe(0);
    expect(terminal.stderr).toContain('a terminal cannot show binary data');
    const both = await withStdout(['generate', run, '--out', join(base, 'a.mid'), '--wav', '-', '--json']);
    expect(both.code).toBe(2);
  });
});

it('an error says what had been written before it', async () => {
  const { run, base } = await tinyRun();
  const [out, wav] = [join(base, 'kept.mid'), join(base, 'kept.wav')];
  const { code, stderr } = await runEtude(
    'generate',
    run,
    '--out',
    out,
    '--wav',
    wav,
    '--soundfont',
    join(base, 'no.sf2'),
  );
  expect(code).toBe(1);
  expect(existsSync(out)).toBe(true);
  expect(stderr).toContain(`Written before the error: ${out}`);
});
