/**
 * `index.ts`, where `importPytorch` takes archives, too: yauzl, which reads them, needs Node.
 *
 * @module etude-lstm/interop
 */
export * from './index.ts';
export { importPytorch } from './pytorch/import-torch-file.ts';
