/**
 * Models in the formats of other programs. Knows no files; docs/interop.md is the specification.
 *
 * @module
 */
export { modelToExport, type ExportedModel, type ExportedPart, type ModelToExport } from './exported-model.ts';
export { FORMATS, type FormatName } from './formats.ts';
export type { ImportedModel } from './imported-model.ts';
export { importKeras, type KerasOptions } from './keras/import-keras.ts';
export { onnxMetadata } from './onnx/metadata.ts';
export { toOnnx } from './onnx/to-onnx.ts';
export { importPytorch, type ImportOptions } from './pytorch/import-pytorch.ts';
export { toPytorch } from './pytorch/to-pytorch.ts';
export { importTfjs, type TfjsOptions, type WeightBytes } from './tfjs/import-tfjs.ts';
export { toTfjs, type TfjsModel } from './tfjs/to-tfjs.ts';
