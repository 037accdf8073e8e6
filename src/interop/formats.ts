import type { ExportedModel, ModelToExport } from './exported-model.ts';

/** A format of other programs. */
interface Format {
  /** As sentences call it. */
  title: string;
  /** Endings of its files. */
  endings: readonly string[];
  /** The code that writes it, loaded when it is used. */
  load: () => Promise<(model: ModelToExport) => ExportedModel>;
}

/** What a model can be exported to. */
export const FORMATS = {
  onnx: { title: 'ONNX', endings: ['.onnx'], load: async () => (await import('./onnx/to-onnx.ts')).toOnnx },
} as const satisfies Record<string, Format>;
export type FormatName = keyof typeof FORMATS;
