import { env } from 'onnxruntime-web';
import { OnnxModel } from '../../../../bench/interop/onnx-model.ts';
import { batchFor } from '../../../../bench/interop/ours.ts';
import { onnxMetadata } from '../../../../src/interop/index.ts';
import type { ModelSpec } from '../../../../src/nn/index.ts';

env.wasm.wasmPaths = '/onnxruntime/';

/** Fetches a model and runs a batch. @returns what each head says */
async function runModel(url: string, size: number, steps: number): Promise<number[][]> {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const spec = JSON.parse(onnxMetadata(bytes).spec) as ModelSpec;
  const model = await OnnxModel.open(bytes, spec);
  const { heads } = await model.run(batchFor(spec, size, steps));
  return heads.map((said) => Array.from(said));
}

Object.assign(globalThis, { runModel });
