import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EtudeError } from '../../../src/errors.ts';
import { importTfjs } from '../../../src/interop/index.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { cases, shards } from '../../fixtures/hostile-tfjs/make.mjs';

const folder = new URL('../../fixtures/hostile-tfjs/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as { file: string; about: string; reason: string }[]; // prettier-ignore

/** Far above what a sound file of this size takes, and far below what any of these asks for. */
const MOST_MS = 2000;

describe('hostile models of TensorFlow.js', () => {
  it('are those that make.mjs writes, and no other', () => {
    const files = readdirSync(folder).filter((name) => name !== 'expected.json' && !name.startsWith('make.'));
    expect(files.sort()).toEqual([...cases.map(({ file }) => file), ...Object.keys(shards)].sort());
    expect(cases.length).toBeGreaterThan(75);
    expect(cases.map(({ file, about, reason }) => ({ file, about, reason }))).toEqual(expected);
    for (const { file, bytes } of cases) expect(readFileSync(new URL(file, folder)).equals(Uint8Array.from(bytes)), file).toBe(true); // prettier-ignore
    for (const [file, bytes] of Object.entries(shards)) expect([...readFileSync(new URL(file, folder))]).toEqual(bytes);
  });

  it.each(expected)('$file ($about) is refused with the reason, soon', async ({ file, reason }) => {
    const started = performance.now();
    const asked: string[] = [];
    const refused: unknown = await importTfjs(readFileSync(new URL(file, folder)), (path) => {
      asked.push(path);
      if (Object.hasOwn(shards, path)) return Uint8Array.from(shards[path]);
      throw new EtudeError(`the file "${path}" is not there`);
    }).catch((thrown: unknown) => thrown);
    expect(performance.now() - started).toBeLessThan(MOST_MS);
    expect(refused).toBeInstanceOf(EtudeError);
    const { message } = refused as EtudeError;
    expect(message).toContain(reason);
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(message.length).toBeLessThan(1000);
    // Nothing but names beside the file is ever asked for.
    expect(asked.filter((path) => !/^[\w-]+\.bin$/.test(path))).toEqual([]);
  });

  it('are refused by the command line before anything is written', async () => {
    const base = temporaryFolder();
    for (const { file } of expected) {
      const path = new URL(file, folder).pathname;
      const { code, stdout, stderr } = await runEtude('import', path, '--out', `${base}/m.safetensors`);
      expect({ file, code, stdout }).toEqual({ file, code: 1, stdout: '' });
      expect(stderr).toContain(`etude: ${path}: `);
    }
    expect(readdirSync(base)).toEqual([]);
  });
});
