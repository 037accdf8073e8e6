import { readMidi, type ReadOptions } from '../read/read-midi.ts';
import type { Instrument, Problem } from '../types.ts';
import { writeMidi } from '../write.ts';
import { mixNotes } from './piano.ts';
import { checkSampleRate, countFrames, normalisePeak } from './sample-rate.ts';
import { renderWithSoundFont, type Refusal } from './soundfont-synth.ts';

/** Seconds after the end of the piece for it to die away, as in pretty_midi. */
export const TAIL_SECONDS = 1;
/** The last frames go down to 0, so that a tail which is cut off does not click. */
const FADE_SECONDS = 0.02;

/** How a piece becomes sound. */
export interface RenderOptions {
  /** Frames a second, 8,000 to 96,000. */
  sampleRate: number;
  /** The bytes of an SF2 or SF3 file. @default the additive piano plays everything, drums as noise */
  soundFont?: Uint8Array;
  /** Render at most this many seconds from the start. @default the whole piece and `TAIL_SECONDS` more */
  seconds?: number;
  /** Two channels. @default false: one, the mean of left and right */
  stereo?: boolean;
  /** How the bytes of a MIDI file are read. */
  reading?: ReadOptions;
}

/** A piece as sound. */
export interface RenderedAudio {
  /** One channel, or left and right; scaled together to a peak of 1, unless all is silence. */
  channels: Float32Array[];
  sampleRate: number;
  /** What played it. */
  synth: 'soundfont' | 'additive-piano';
  /** What the MIDI reader found, and `notes-only` where the controllers of a file could not be played. */
  problems: Problem[];
  /** Why they could not be; absent where the whole file is played. */
  notesOnly?: NotesOnlyReason;
}

/** The notes of a piece, and the file they were read from, where there is one. */
interface Piece {
  instruments: readonly Instrument[];
  endTime: number;
  problems: Problem[];
  bytes?: Uint8Array;
}

/**
 * Renders music to samples: through a SoundFont where one is given (spessasynth_core, loaded only then), else with the
 * additive piano. A MIDI file goes to the SoundFont synthesizer as it is, with pedals, bends and controllers, unless it is
 * damaged or of a kind which that synthesizer reads otherwise than Etude: then its notes alone do. The additive piano
 * knows notes only.
 *
 * The peak is 1, as pretty_midi does it, but measured over what is rendered: with `seconds`, the excerpt is as loud as a
 * whole piece would be. The same input gives the same samples.
 *
 * @param source The bytes of a MIDI file, or what the reader made of one; times in seconds.
 * @throws UsageError for options out of range, notes that cannot be played, or more sound than fits; MidiError for bytes
 *   that are no MIDI file; SoundFontError for bytes that are no SoundFont.
 */
export async function renderAudio(
  source: Uint8Array | { instruments: readonly Instrument[] },
  options: RenderOptions,
): Promise<RenderedAudio> {
  const { sampleRate, soundFont } = options;
  checkSampleRate(sampleRate);
  const piece = toPiece(source, options.reading);
  if (soundFont === undefined) return renderWithPiano(piece, options);
  return renderPieceWithSoundFont(piece, soundFont, options);
}

function toPiece(source: Uint8Array | { instruments: readonly Instrument[] }, reading?: ReadOptions): Piece {
  if (source instanceof Uint8Array) return { ...readMidi(source, reading), bytes: source };
  let endTime = 0;
  for (const { notes } of source.instruments) for (const { end } of notes) endTime = Math.max(endTime, end);
  return { instruments: source.instruments, endTime, problems: [] };
}

function renderWithPiano(piece: Piece, { sampleRate, seconds, stereo = false }: RenderOptions): RenderedAudio {
  const frames = countFrames(piece.endTime + TAIL_SECONDS, seconds, sampleRate);
  const channels = Array.from({ length: stereo ? 2 : 1 }, () => new Float32Array(frames));
  for (const { notes, isDrum } of piece.instruments) mixNotes(channels, notes, sampleRate, isDrum);
  return { channels: finish(channels, sampleRate), sampleRate, synth: 'additive-piano', problems: piece.problems };
}

async function renderPieceWithSoundFont(
  { instruments, endTime, problems, bytes }: Piece,
  soundFont: Uint8Array,
  { sampleRate, seconds, stereo = false }: RenderOptions,
): Promise<RenderedAudio> {
  const notesAlone = writeMidi(instruments);
  const unfit = bytes && whyUnfit(problems);
  const candidates = bytes && !unfit ? [bytes, notesAlone] : [notesAlone];
  const { left, right, refusals } = await renderWithSoundFont({ candidates, endTime }, soundFont, {
    sampleRate,
    seconds,
    tail: TAIL_SECONDS,
  });
  const channels = finish(stereo ? [left, right] : [mean(left, right)], sampleRate);
  const rendered: RenderedAudio = { channels, sampleRate, synth: 'soundfont', problems };
  const why = unfit ?? refusals.at(0);
  return why ? { ...rendered, problems: [...problems, notesOnly(why, endTime)], notesOnly: why.reason } : rendered;
}

/** Why the notes of a file are played without its pedals and controllers. */
type NotesOnly = Refusal | { reason: 'damaged' | 'read-otherwise'; problem: Problem };
/** In one word: the synthesizer refused the file, the file is damaged, or Etude reads it otherwise. */
export type NotesOnlyReason = NotesOnly['reason'];

/** What Etude reads otherwise than spessasynth. */
const READ_OTHERWISE = new Set(['format-2', 'unknown-format', 'smpte-time', 'tempo-outside-first-track']);

/** Why a file with these problems is not left to the synthesizer's own MIDI reader; undefined where it may be trusted. */
function whyUnfit(problems: readonly Problem[]): NotesOnly | undefined {
  const damage = problems.find(({ severity }) => severity === 'damage');
  if (damage) return { reason: 'damaged', problem: damage };
  const otherwise = problems.find(({ code }) => READ_OTHERWISE.has(code));
  return otherwise && { reason: 'read-otherwise', problem: otherwise };
}

/** The problem for the list: what is not heard, and why. */
function notesOnly(why: NotesOnly, endTime: number): Problem {
  return {
    code: 'notes-only',
    severity: 'note',
    message: `Only the notes are played, without pedals and controllers: ${reasonInWords(why, endTime)}.`,
  };
}

function reasonInWords(why: NotesOnly, endTime: number): string {
  switch (why.reason) {
    case 'damaged':
      return `the file is damaged (${why.problem.code}), and what its controllers say is not certain`;
    case 'read-otherwise':
      return `the synthesizer would play the file otherwise than Etude reads it (${why.problem.code})`;
    case 'refused':
      return `the synthesizer does not read the file (${why.message.replace(/[.!]$/, '')})`;
    case 'cut-short':
      return `the synthesizer reads ${why.seconds.toFixed(1)} s of the file, whose last note ends at ${endTime.toFixed(1)} s`;
  }
}

/** Writes the mean of both channels into `left`, and returns it. */
function mean(left: Float32Array, right: Float32Array): Float32Array {
  for (let i = 0; i < left.length; i++) left[i] = 0.5 * (left[i] + right[i]);
  return left;
}

/** Fades the end and scales to peak 1, in place. */
function finish(channels: Float32Array[], sampleRate: number): Float32Array[] {
  for (const channel of channels) {
    const fade = Math.min(channel.length, Math.round(FADE_SECONDS * sampleRate));
    for (let i = 1; i <= fade; i++) channel[channel.length - i] *= (i - 1) / fade;
  }
  return normalisePeak(channels);
}
