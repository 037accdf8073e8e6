/**
 * `index.ts`, and what only Node can do: read files and folders, find a SoundFont.
 *
 * @module etude-lstm
 */
export * from './index.ts';
export {
  findFiles,
  findSoundFont,
  loadCorpus,
  readMidiFile,
  type CorpusOptions,
  type SoundFontChoice,
} from './midi/node.ts';
