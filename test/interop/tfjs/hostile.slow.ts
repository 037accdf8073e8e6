import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures');

describe('hostile models', () => {
  const etude = useBuiltEtude();

  it.each(['hostile-tfjs', 'hostile-onnx'])('of %s are refused by a process that may have 64 MB of heap, in seconds', async (name) => {
    const base = temporaryFolder();
    const folder = join(fixtures, name);
    const files = readdirSync(folder).filter((file) => /\.(json|onnx)$/.test(file) && file !== 'expected.json');
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const argv = ['--max-old-space-size=64', etude, 'import', join(folder, file), '--out', join(base, 'm.safetensors')];
      const child = spawn(process.execPath, argv, { timeout: 20_000, cwd: base });
      let stderr = '';
      child.stderr.on('data', (bytes: Buffer) => (stderr += String(bytes)));
      const code = await new Promise((done) => child.on('close', done));
      expect({ file, code }).toEqual({ file, code: 1 });
      expect(stderr).toContain(`etude: ${join(folder, file)}: `);
    }
    expect(readdirSync(base)).toEqual([]);
  });
}); // prettier-ignore
