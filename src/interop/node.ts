/**
 * `index.ts`, where `importPytorch` and `importKeras` take archives, too: yauzl, which reads them, needs Node.
 *
 * @module etude-lstm/interop
 */
export * from './index.ts';
export { importKeras } from './keras/import-keras-file.ts';
export { importPytorch } from './pytorch/import-torch-file.ts';
