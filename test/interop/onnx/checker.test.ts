import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BOTH_WAYS, ONE_WAY } from '../../../bench/interop/models.ts';
import { randomModel } from '../../../bench/interop/ours.ts';
import { toOnnx } from '../../../src/interop/index.ts';

/** Debian's python3-onnx. */
const PYTHON = '/usr/bin/python3';
const missing = spawnSync(PYTHON, ['-c', 'import onnx']).status === 0 ? '' : ' (skipped: python3-onnx is not there)';

/** Checks each file with the shapes of all values, and prints what its metadata and sizes are. */
const CHECK = `
import json, onnx, sys
found = {}
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    sizes = {value.name: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in list(model.graph.input) + list(model.graph.output)}
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    found[path] = [sizes, {entry.key: entry.value for entry in model.metadata_props}, model.opset_import[0].version, len(inferred.graph.node)]
print(json.dumps(found))
`;

type Checked = Record<string, [sizes: Record<string, (string | number)[]>, metadata: Record<string, string>, opset: number, nodes: number]>; // prettier-ignore

describe.skipIf(missing !== '')(`the checker of ONNX${missing}`, () => {
  it('finds every model sound, with the shapes that it says, and reads its metadata', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'etude-onnx-'));
    try {
      const files = Object.entries({ ...ONE_WAY, ...BOTH_WAYS }).map(([name, spec], k) => {
        const path = join(folder, `${k}.onnx`);
        const exported = toOnnx({ ...randomModel(spec), extra: { codec: { name } } });
        writeFileSync(path, exported.bytes);
        return { path, name, ...exported };
      });
      const { stdout } = await promisify(execFile)(PYTHON, ['-c', CHECK, ...files.map(({ path }) => path)]);
      const checked = JSON.parse(stdout) as Checked;
      for (const { path, name, parts } of files) {
        const [sizes, metadata, opset, nodes] = checked[path];
        expect(sizes, name).toEqual(Object.fromEntries(parts.map((part) => [part.name, part.shape])));
        expect(JSON.parse(metadata.codec)).toEqual({ name });
        expect(opset).toBe(17);
        expect(nodes).toBeGreaterThan(3);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
