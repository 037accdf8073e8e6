import type { ExportedModel, ModelToExport } from './exported-model.ts';

/** A format of other programs. */
export interface Format {
  /** As sentences call it. */
  title: string;
  /** Endings of its files. */
  endings: readonly string[];
  /** The code that writes it, loaded when it is used. */
  load: () => Promise<(model: ModelToExport) => ExportedModel>;
  /** Whether `etude import` reads it again, as the model that it was: then all that a checkpoint keeps travels. */
  comesBack?: true;
}

/** What a model can be exported to. */
export const FORMATS = {
  onnx: { title: 'ONNX', endings: ['.onnx'], load: async () => (await import('./onnx/to-onnx.ts')).toOnnx },
  pytorch: { title: 'safetensors for PyTorch', endings: ['.safetensors'], load: async () => (await import('./pytorch/to-pytorch.ts')).toPytorch, comesBack: true }, // prettier-ignore
} as const satisfies Record<string, Format>;
/** The name of a format, as `--to` takes it. */
export type FormatName = keyof typeof FORMATS;
