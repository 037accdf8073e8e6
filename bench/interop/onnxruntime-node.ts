import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as fetched from '../../scripts/onnxruntime-node.mjs';
import type { OnnxRuntime } from './onnx-model.ts';

/** onnxruntime as it runs natively in Node, and its version; fetched unless it was. @throws Error when it cannot be fetched, or does not run here */
export async function onnxruntimeNode(): Promise<{ runtime: OnnxRuntime; version: string }> {
  // Not bundled with what imports this: it knows the root of the repository by where it lies.
  const url = pathToFileURL(resolve('scripts/onnxruntime-node.mjs')).href;
  const { fetchOnnxruntimeNode, ONNXRUNTIME_NODE } = (await import(url)) as typeof fetched;
  const require = createRequire(join(await fetchOnnxruntimeNode(), 'package.json'));
  return { runtime: require('onnxruntime-node') as OnnxRuntime, version: ONNXRUNTIME_NODE.version };
}
