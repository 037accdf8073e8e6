export { additivePiano, type AdditivePianoOptions } from './piano.ts';
export { type NotesOnlyReason, renderAudio, type RenderedAudio, type RenderOptions, TAIL_SECONDS } from './render.ts';
export { isSoundFont, SoundFontError } from './soundfont-bytes.ts';
export { type DecodedWav, decodeWav, encodeWav } from './wav.ts';
