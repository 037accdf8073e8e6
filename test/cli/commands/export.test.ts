import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxMetadata } from '../../../src/interop/index.ts';
import { parseCodecSpec } from '../../../src/midi/codec/spec.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { etudeVersion } from '../../../src/package-folder.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { randomModel } from '../../../bench/interop/ours.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();

describe('etude export', () => {
  it('writes the best model of a run as ONNX, with what decodes its classes, and says what goes in and out', async () => {
    const { base, run } = await tinyRun();
    const file = join(base, 'new/tiny.onnx');
    const { code, stdout, stderr } = await runEtude('export', run, '--to', 'onnx', '--out', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^input +inputs\.pitch +int64 +\[steps, batch\] +A class from 0 to 127\.$/m);
    expect(stdout).toMatch(/^input +lstm\.0\.h0 +float32 +\[1, batch, 8\] /m);
    expect(stdout).toMatch(/^output +heads\.pitch +float32 +\[steps, batch, 128\] +Logits of 128 classes/m);
    expect(stderr).toMatch(/tiny\.onnx: ONNX, [\d.]+ kB\./);

    const metadata = onnxMetadata(readFileSync(file));
    const { extra, spec, training } = decodeCheckpoint(readFileSync(join(run, 'best.safetensors')));
    expect(parseCodecSpec(JSON.parse(metadata.codec))).toEqual(parseCodecSpec(extra.codec));
    expect(JSON.parse(metadata.settings)).toEqual(extra.settings);
    expect(JSON.parse(metadata.spec)).toEqual(spec);
    expect(JSON.parse(metadata.step)).toBe(training!.engine.step);
    expect(metadata).toMatchObject({ format: 'etude-onnx', version: '1', etude: etudeVersion() });
    expect(metadata).not.toHaveProperty('data');
  });

  it('writes to stdout, and prints JSON', async () => {
    const { base, run } = await tinyRun();
    const file = join(base, 'tiny.onnx');
    const { stdout } = await runEtude('export', run, '--to', 'onnx', '--out', file, '--json');
    const { parts, ...rest } = JSON.parse(stdout) as { parts: { role: string; name: string }[] };
    expect(rest).toEqual({ model: run, format: 'onnx', out: file, bytes: readFileSync(file).length });
    expect(parts.map(({ role, name }) => `${role} ${name}`)).toContain('output lstm.0.c1');
    const piped = await runEtude('export', run, '--to', 'onnx', '--out', '-');
    expect(piped.code).toBe(0);
    expect(piped.stderr).toContain('stdout: ONNX');
  });

  it('never overwrites without --force, and refuses before it reads', async () => {
    const { base, run } = await tinyRun();
    const file = join(base, 'tiny.onnx');
    writeFileSync(file, 'mine');
    const refused = await runEtude('export', run, '--to', 'onnx', '--out', file);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await runEtude('export', run, '--to', 'onnx', '--out', file, '--force')).code).toBe(0);
    expect(readFileSync(file).length).toBeGreaterThan(1000);
  });

  it('writes nothing of a model that ONNX cannot hold, and names the part', async () => {
    const base = temporaryFolder();
    const spec = smallSpec({ lstm: { cell: 'lstm-norm', bidirectional: true } });
    writeFileSync(join(base, 'norm.safetensors'), encodeCheckpoint(randomModel(spec)));
    const file = join(base, 'norm.onnx');
    const { code, stderr } = await runEtude('export', join(base, 'norm.safetensors'), '--to', 'onnx', '--out', file);
    expect(code).toBe(1);
    expect(stderr).toContain('lstm.0.reverse: ONNX has no operator for layer normalisation');
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    [['runs/x', '--to', 'onnx'], 2, /give the format, --to onnx\|pytorch\|tfjs, and the file/],
    [['runs/x', '--out', 'x.onnx'], 2, /give the format/],
    [['runs/x', '--to', 'onxx', '--out', 'x.onnx'], 2, /Did you mean onnx\?/],
    [
      ['runs/x', '--to', 'onnx', '--out', 'x.wav'],
      2,
      /This writes a model: expected a name that ends in \.onnx or \.safetensors/,
    ],
    [
      ['runs/x', '--to', 'pytorch', '--out', 'x.onnx'],
      2,
      /x\.onnx is the name of ONNX; --to pytorch writes \.safetensors/,
    ],
    [['no/such/model', '--to', 'onnx', '--out', 'x.onnx'], 1, /no such file or folder/],
    [[import.meta.filename, '--to', 'onnx', '--out', 'x.onnx'], 1, /export\.test\.ts: /],
  ])('refuses %o with code %d', async (argv, expected, message) => {
    const { code, stdout, stderr } = await runEtude('export', ...argv);
    expect(code).toBe(expected);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(existsSync('x.onnx')).toBe(false);
  });
});
