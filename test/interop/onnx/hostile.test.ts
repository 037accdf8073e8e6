import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/errors.ts';
import { onnxMetadata, toOnnx } from '../../../src/interop/index.ts';
import { Message } from '../../../src/interop/onnx/protobuf.ts';
import { randomModel } from '../../../bench/interop/ours.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { cases } from '../../fixtures/hostile-onnx/make.mjs';

const folder = new URL('../../fixtures/hostile-onnx/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as { file: string; about: string; reason: string }[]; // prettier-ignore

describe('hostile files of ONNX', () => {
  it('are those that make.mjs writes, and no other', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.onnx')).sort()).toEqual(cases.map(({ file }) => file).sort()); // prettier-ignore
    for (const { file, bytes } of cases) expect(readFileSync(new URL(file, folder)).equals(Uint8Array.from(bytes)), file).toBe(true); // prettier-ignore
    expect(cases.map(({ file, about, reason }) => ({ file, about, reason }))).toEqual(expected);
  });

  it.each(expected)('$file ($about) is refused with the reason, soon', ({ file, reason }) => {
    const bytes = readFileSync(new URL(file, folder));
    const started = performance.now();
    let refused: unknown;
    try {
      onnxMetadata(bytes);
    } catch (thrown) {
      refused = thrown;
    }
    expect(performance.now() - started).toBeLessThan(1000);
    expect(refused).toBeInstanceOf(DataError);
    expect((refused as DataError).message).toContain('This is no ONNX file, or a damaged one: ');
    expect((refused as DataError).message).toContain(reason);
  });

  it('and every part of a sound one are refused, or give no text that it has not', () => {
    const { bytes } = toOnnx({ ...randomModel(smallSpec()), extra: { codec: 'mine' } });
    const whole = onnxMetadata(bytes);
    for (let end = 0; end < bytes.length; end += 7) {
      let found: Record<string, string> = {};
      try {
        found = onnxMetadata(bytes.subarray(0, end));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(DataError);
      }
      expect(whole).toMatchObject(found);
    }
  });

  it('cannot change what objects are', () => {
    const entry = new Message().text(1, '__proto__').text(2, 'x');
    const bytes = new Message().message(7, new Message()).message(14, entry).encode();
    expect(Object.entries(onnxMetadata(bytes))).toEqual([['__proto__', 'x']]);
  });
});

describe('etude import', () => {
  it('says that ONNX goes out only, and what to do, by the name of a file and by its bytes', async () => {
    const base = temporaryFolder();
    const [named, renamed] = [`${base}/m.onnx`, `${base}/m.bin`];
    for (const path of [named, renamed]) writeFileSync(path, toOnnx(randomModel(smallSpec())).bytes);
    for (const path of [named, renamed, ...expected.map(({ file }) => new URL(file, folder).pathname)]) {
      const { code, stdout, stderr } = await runEtude('import', path, '--out', `${base}/x.safetensors`);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`etude: ${path}: this is ONNX, which Etude writes and does not read`);
      expect(stderr).toContain('safetensors.torch.save_file');
    }
    expect(readdirSync(base).sort()).toEqual(['m.bin', 'm.onnx']);
  });
});
