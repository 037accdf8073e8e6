export { additivePiano, type AdditivePianoOptions } from './piano.ts';
export { renderAudio, type RenderedAudio, type RenderOptions, TAIL_SECONDS } from './render.ts';
export {
  findSoundFont,
  type FindSoundFontOptions,
  isSoundFont,
  SOUND_FONT_ADVICE,
  SOUND_FONT_PACKAGE,
  SOUND_FONT_VARIABLE,
  type SoundFontChoice,
  SoundFontError,
} from './soundfont.ts';
export { type DecodedWav, decodeWav, encodeWav } from './wav.ts';
