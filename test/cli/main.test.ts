import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Note } from '../../src/midi/index.ts';
import { writeMidi } from '../../src/midi/write.ts';
import { useBuiltEtude } from './build-etude.ts';
import { temporaryFolder } from './temporary-folder.ts';

const etude = useBuiltEtude();

/** Runs the built command line in a process of its own; `readStdout` false closes the pipe at the first bytes. */
function execute(
  argv: string[],
  { readStdout = true } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [etude, ...argv], { env: { PATH: process.env.PATH } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += String(bytes);
      if (!readStdout) child.stdout.destroy();
    });
    child.stderr.on('data', (bytes: Buffer) => (stderr += String(bytes)));
    child.on('close', (code) => { done({ code, stdout, stderr }); }); // prettier-ignore
  });
}

/** All that a module imports before anything of it runs, by path, or by name where it is a package. */
function loadedAtOnce(module: string): string[] {
  const seen = new Set([module]);
  for (const file of seen) {
    if (!file.startsWith('/')) continue;
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?<!["\w])(?:import|from)\s*"([^"\s]+)"/g)) {
      seen.add(path.startsWith('.') ? resolve(dirname(file), path) : path);
    }
  }
  return [...seen];
}

describe('the built command line', () => {
  it('begins with a line that makes it executable', () => {
    expect(readFileSync(etude, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('prints its version, its help, and sets the exit code of its process', async () => {
    expect(await execute(['--version'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+\.\d+/) as string,
    });
    expect((await execute(['inspect', '--help'])).stdout).toContain('Usage: etude inspect');
    expect((await execute(['inspekt'])).code).toBe(2);
    expect((await execute(['listen', 'missing.mid'])).code).toBe(1);
  });

  it('shows its help after loading a handful of files, with commander in one of them', () => {
    const loaded = loadedAtOnce(join(dirname(etude), 'start.js'));
    expect(loaded.filter((path) => !path.startsWith('/') && !path.startsWith('node:'))).toEqual([]);
    expect(loaded.length).toBeLessThan(12);
  });

  it('knows errors of the library for what they are: in a sentence, with their exit code', async () => {
    const notKnown = await execute(['inspect', 'missing.mid', '--instrument', 'program:none']);
    expect([notKnown.code, notKnown.stderr]).toEqual([2, expect.stringMatching(/^etude: .*program/)]);
    const notThere = await execute(['inspect', join(temporaryFolder(), 'missing.mid')]);
    expect([notThere.code, notThere.stderr]).toEqual([
      1,
      expect.stringMatching(/^etude: .*missing\.mid does not exist/),
    ]);
  });

  it('loads the code of a command when it runs', async () => {
    const { code, stdout } = await execute(['summary', '--preset', 'tutorial', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { parameters: number }).parameters).toBe(84_354);
  });

  it('writes all of a long output into a pipe before it ends', async () => {
    const path = join(temporaryFolder(), 'long.mid');
    writeFileSync(path, longPiece());
    const { code, stdout } = await execute(['inspect', path, '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { instruments: { notes: unknown[] }[] }).instruments[0].notes).toHaveLength(20_000);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 5; i++) writeFileSync(join(folder, `${i}.mid`), longPiece());
    const { code, stderr } = await execute(['inspect', folder, '--json'], { readStdout: false });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

function longPiece(): Uint8Array {
  const notes: Note[] = Array.from({ length: 20_000 }, (_, i) => ({
    pitch: 40 + (i % 40),
    velocity: 80,
    start: i / 10,
    end: i / 10 + 0.09,
  }));
  return writeMidi([{ program: 0, isDrum: false, name: '', notes }]);
}
