import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { EtudeError } from '../../../src/errors.ts';
import { loadHdf5 } from '../../../src/interop/keras/hdf5-library.ts';
import { importKeras } from '../../../src/interop/node.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const folder = new URL('../../fixtures/hostile-keras/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as { file: string; about: string; reason: string }[]; // prettier-ignore

/** Far above what a sound file of this size takes, and far below what any of these asks for. */
const MOST_MS = 2000;

/** Compiling libhdf5 takes longer than any file. */
beforeAll(() => loadHdf5());

describe('hostile files of Keras', () => {
  it('are all there, no other, and small', () => {
    const files = readdirSync(folder).filter((name) => /\.(keras|h5)$/.test(name));
    expect(files.sort()).toEqual(expected.map(({ file }) => file).sort());
    expect(files.length).toBeGreaterThan(80);
    for (const file of files) expect(readFileSync(new URL(file, folder)).length, file).toBeLessThan(16_000);
  });

  it.each(expected)('$file ($about) is refused with the reason, soon', async ({ file, reason }) => {
    const started = performance.now();
    const refused: unknown = await importKeras(readFileSync(new URL(file, folder))).catch((thrown: unknown) => thrown);
    expect(performance.now() - started).toBeLessThan(MOST_MS);
    expect(refused).toBeInstanceOf(EtudeError);
    const { message } = refused as EtudeError;
    expect(message).toContain(reason);
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(message.length).toBeLessThan(1000);
  });

  it('are refused by the command line before anything is written, and nothing in them runs', async () => {
    const base = temporaryFolder();
    for (const file of [
      'lambda.keras',
      'model-of-os.keras',
      'path-above.keras',
      'bomb.weights.h5',
      'external-link.weights.h5',
    ]) {
      // prettier-ignore
      const path = new URL(file, folder).pathname;
      const { code, stdout, stderr } = await runEtude('import', path, '--out', `${base}/m.safetensors`);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`etude: ${path}: `);
    }
    expect(readdirSync(base)).toEqual([]);
    expect(existsSync('etude-executed-this-file')).toBe(false);
  });
});
