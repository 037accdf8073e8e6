import type { ExportedModel, ModelToExport } from './exported-model.ts';
import { weightsNameOf } from './tfjs/file-names.ts';

/** A format of other programs. */
export interface Format {
  /** As sentences call it. */
  title: string;
  /** Endings of its files. */
  endings: readonly string[];
  /** The code that writes it, loaded when it is used. It is told the name of the file. */
  load: () => Promise<(model: ModelToExport, name: string) => ExportedModel>;
  /** The names of further files, which lie beside one of that name and are written before it. */
  beside?: (name: string) => string[];
  /** Whether `etude import` reads it again, as the model that it was: then all that a checkpoint keeps travels. */
  comesBack?: true;
}

/** What a model can be exported to. */
export const FORMATS = {
  onnx: { title: 'ONNX', endings: ['.onnx'], load: async () => (await import('./onnx/to-onnx.ts')).toOnnx },
  pytorch: { title: 'safetensors for PyTorch', endings: ['.safetensors'], load: async () => (await import('./pytorch/to-pytorch.ts')).toPytorch, comesBack: true }, // prettier-ignore
  tfjs: { title: 'TensorFlow.js', endings: ['.json'], load: loadTfjs, beside: (name) => [weightsNameOf(name)], comesBack: true },
} as const satisfies Record<string, Format>; // prettier-ignore

async function loadTfjs() {
  const { toTfjs } = await import('./tfjs/to-tfjs.ts');
  return (model: ModelToExport, name: string): ExportedModel => {
    const { weights, ...json } = toTfjs(model, weightsNameOf(name));
    return { ...json, beside: [weights] };
  };
}

/** The name of a format, as `--to` takes it. */
export type FormatName = keyof typeof FORMATS;
