import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EtudeError } from '../../../src/errors.ts';
import { importPytorch } from '../../../src/interop/node.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { cases } from '../../fixtures/hostile-weights/make.mjs';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const folder = new URL('../../fixtures/hostile-weights/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as { file: string; about: string; reason: string }[]; // prettier-ignore

/** Far above what a sound file of this size takes, and far below what any of these asks for. */
const MOST_MS = 2000;

describe('hostile files of weights', () => {
  it('are all there, and no other', () => {
    const files = readdirSync(folder).filter((name) => /\.(pt|safetensors)$/.test(name));
    expect(files.sort()).toEqual(expected.map(({ file }) => file).sort());
    expect(files.length).toBeGreaterThan(80);
  });

  it('are those that make.mjs writes', () => {
    for (const { file, bytes } of cases) expect(readFileSync(new URL(file, folder)).equals(Uint8Array.from(bytes)), file).toBe(true);
    expect(cases.map(({ file, about, reason }) => ({ file, about, reason }))).toEqual(expected);
  }); // prettier-ignore

  it.each(expected)('$file ($about) is refused with the reason, soon', async ({ file, reason }) => {
    const started = performance.now();
    const refused: unknown = await importPytorch(readFileSync(new URL(file, folder))).catch((thrown: unknown) => thrown);
    expect(performance.now() - started).toBeLessThan(MOST_MS);
    expect(refused).toBeInstanceOf(EtudeError);
    const { message } = refused as EtudeError;
    const [first, second = ''] = reason.split('.*');
    expect(message).toContain(first);
    expect(message).toContain(second);
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(message.length).toBeLessThan(1000);
  }); // prettier-ignore

  it('are refused by the command line before anything is written, and nothing in them runs', async () => {
    const base = temporaryFolder();
    for (const file of ['reduce-os-system.pt', 'bomb-packed.pt', 'tensors-that-share.pt', 'shape-huge.safetensors']) {
      const path = new URL(file, folder).pathname;
      const { code, stdout, stderr } = await runEtude('import', path, '--out', `${base}/m.safetensors`);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`etude: ${path}: `);
    }
    expect(readdirSync(base)).toEqual([]);
    expect(existsSync('etude-executed-this-file')).toBe(false);
  });
});
