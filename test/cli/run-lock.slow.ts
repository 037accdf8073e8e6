import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const PROCESSES = 6;
const SECONDS = 8;

it(`of ${PROCESSES} processes that take a run folder and lose it for ${SECONDS} seconds, many killed with it, never two have it`, async () => {
  const base = temporaryFolder();
  const script = join(base, 'child.mjs');
  await build({
    entryPoints: [resolve(import.meta.dirname, 'run-lock-child.ts')],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  const run = join(base, 'run');
  mkdirSync(run);
  const until = Date.now() + 1000 * SECONDS;
  const codes = await Promise.all(
    Array.from({ length: PROCESSES }, async () => {
      const child = spawn(process.execPath, [script, run, String(until)], { stdio: 'inherit' });
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    }),
  );
  expect(codes).toEqual(codes.map(() => 0));
  const notes = readFileSync(join(base, 'notes'), 'utf8').trim().split('\n');
  expect(notes.filter((word) => word !== 'killed' && word !== 'released')).toEqual([]);
  expect(notes.filter((word) => word === 'killed').length).toBeGreaterThan(200);
});
