import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isShared, measureExport, measureImport, pytorchHere } from '../../bench/interop/measure-pytorch.ts';
import { BOTH_WAYS, ONE_WAY } from '../../bench/interop/models.ts';
import { useBuiltEtude } from '../cli/build-etude.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';

const missing = pytorchHere() === undefined ? ' (skipped: python3-torch is not there)' : '';
const specs = Object.fromEntries(Object.entries({ ...ONE_WAY, ...BOTH_WAYS }).filter(([, spec]) => isShared(spec)));

describe.skipIf(missing !== '')(`PyTorch${missing}`, () => {
  it('says of every exported model what Etude says, to 1e-5', async () => {
    const measured = await measureExport(specs);
    expect(measured.length).toBeGreaterThan(15);
    for (const { model, difference } of measured) expect(difference, model).toBeLessThan(1e-5);
  });

  it.each([21, 22])(
    'makes networks (seed %i) of which Etude says the same once they are imported, to 1e-5',
    async (seed) => {
      const measured = await measureImport(seed);
      expect(measured).toHaveLength(6);
      for (const { model, difference } of measured) expect(difference, model).toBeLessThan(1e-5);
    },
  );
});

describe('hostile files of weights', () => {
  const etude = useBuiltEtude();
  const folder = resolve(import.meta.dirname, '../fixtures/hostile-weights');

  it('are refused by a process that may have 64 MB of heap, in seconds', async () => {
    const base = temporaryFolder();
    const files = readdirSync(folder).filter((name) => /\.(pt|safetensors)$/.test(name));
    for (const file of files) {
      const argv = [
        '--max-old-space-size=64',
        etude,
        'import',
        join(folder, file),
        '--out',
        join(base, 'm.safetensors'),
      ];
      const child = spawn(process.execPath, argv, { timeout: 20_000, cwd: base });
      let stderr = '';
      child.stderr.on('data', (bytes: Buffer) => (stderr += String(bytes)));
      const code = await new Promise((done) => child.on('close', done));
      expect({ file, code }).toEqual({ file, code: 1 });
      expect(stderr).toContain(`etude: ${join(folder, file)}: `);
    }
    expect(readdirSync(base)).toEqual([]);
  });
});
