/**
 * `index.ts`, and what only Node can do: read files and folders, keep a cache, find a SoundFont.
 *
 * @module etude-lstm/midi
 */
export * from './index.ts';

export type { StopSignal } from '../stop-signal.ts';
export { readMidiFile } from './read/read-midi-file.ts';
export { commonFolder, packCorpus, unpackCorpus } from './corpus/corpus-file.ts';
export { loadCorpus } from './corpus/load-corpus.ts';
export type { CorpusOptions } from './corpus/load-corpus.ts';
export { ReaderThreadError } from './corpus/threads/reader-pool.ts';
export { findFiles, isMidiName } from './corpus/find-files.ts';
export type { Listing, SourceFile } from './corpus/find-files.ts';
export {
  findSoundFont,
  type FindSoundFontOptions,
  SOUND_FONT_ADVICE,
  SOUND_FONT_PACKAGE,
  SOUND_FONT_VARIABLE,
  type SoundFontChoice,
} from './audio/soundfont.ts';
