import type * as Spessa from 'spessasynth_core';
import { EtudeError, messageOf } from '../../errors.ts';
import { countFrames } from './sample-rate.ts';
import { isSoundFont, SoundFontError } from './soundfont-bytes.ts';

/** What to play. */
export interface Song {
  /** The MIDI files that may be played, the best first: the first that the synthesizer reads to the end is taken. */
  candidates: readonly Uint8Array[];
  /** Seconds until the last note ends, as our own reader has it. */
  endTime: number;
}

export interface SoundFontRenderOptions {
  /** Frames a second, already checked. */
  sampleRate: number;
  /** Render at most this many seconds. */
  seconds?: number;
  /** Seconds after the last event in which notes and reverberation may die away. */
  tail: number;
}

/** Why the synthesizer does not take a MIDI file. */
export type Refusal =
  /** Its own reader stops at the file, and says so. */
  | { reason: 'refused'; message: string }
  /** It ends the file before the last note does. */
  | { reason: 'cut-short'; seconds: number };

/** What the synthesizer gave back; not normalised. */
export interface SoundFontRendering {
  left: Float32Array;
  right: Float32Array;
  /** Which of the candidates was played. */
  played: number;
  /** Why those before it were not, one each. */
  refusals: Refusal[];
}

/** A pedal may hold the last chord for so many seconds; controllers later than that do not make the piece longer. */
const LONGEST_RINGING = 10;
/** Seconds by which the two readers may differ about the end of the last note: tick times are sums of rounded numbers. */
const END_TOLERANCE = 0.01;

/**
 * Plays a MIDI file through a SoundFont (SF2, or SF3 with Vorbis samples) with spessasynth_core, which is loaded here, on
 * the first call, and nowhere else. Programs, drums, pedals, pitch bends and the other controllers of the file all count;
 * a sound bank inside the MIDI file does not, the one that was asked for does.
 *
 * The piece lasts until its last event (but at most 10 s longer than its last note), and `tail` seconds more. Events fall
 * on the next block of 32 or 64 frames (4 ms at 8 kHz, 2 ms at 16 kHz): the synthesizer's grain.
 *
 * @throws SoundFontError where `soundFont` is none, or is damaged; UsageError where the piece is too long to render whole.
 */
export async function renderWithSoundFont(
  song: Song,
  soundFont: Uint8Array,
  options: SoundFontRenderOptions,
): Promise<SoundFontRendering> {
  if (!isSoundFont(soundFont)) {
    throw new SoundFontError(
      'the SoundFont does not begin with RIFF … sfbk; expected the bytes of an .sf2 or .sf3 file.',
    );
  }
  const spessa = await import('spessasynth_core');
  const synth = new spessa.SpessaSynthProcessor(options.sampleRate, { eventsEnabled: false });
  await synth.processorInitialized; // the Vorbis decoder of SF3
  return quietly(spessa.SpessaLog, () => {
    try {
      addSoundFont(spessa, synth, soundFont);
      const { midi, ...chosen } = firstReadable(spessa, song);
      return { ...play(spessa, synth, midi, song.endTime, options), ...chosen };
    } finally {
      synth.destroySynthProcessor();
    }
  });
}

function addSoundFont(spessa: typeof Spessa, synth: Spessa.SpessaSynthProcessor, soundFont: Uint8Array): void {
  try {
    const bank = spessa.SoundBankLoader.fromArrayBuffer(ownBuffer(soundFont));
    if (bank.presets.length === 0) throw new Error('it has no instruments');
    synth.soundBankManager.addSoundBank(bank, 'main');
  } catch (thrown) {
    throw new SoundFontError(`the SoundFont cannot be used: ${messageOf(thrown)}. It is damaged, or cut short.`, {
      cause: thrown,
    });
  }
}

/**
 * The first candidate that the synthesizer's own MIDI reader takes, up to the end of the last note.
 * @throws whatever that reader throws other than its refusal of a file
 */
function firstReadable(
  spessa: typeof Spessa,
  { candidates, endTime }: Song,
): { midi: Spessa.BasicMIDI; played: number; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  for (const [played, bytes] of candidates.entries()) {
    const read = readWith(spessa, bytes);
    if ('reason' in read) refusals.push(read);
    else if (read.duration < endTime - END_TOLERANCE) refusals.push({ reason: 'cut-short', seconds: read.duration });
    else {
      read.embeddedSoundBank = undefined;
      return { midi: read, played, refusals };
    }
  }
  // The last candidate is a file that Etude wrote.
  const reasons = refusals.map((r) => (r.reason === 'refused' ? r.message : `it reads ${r.seconds} s of ${endTime} s`));
  throw new EtudeError(`internal: the synthesizer reads none of the MIDI files: ${reasons.join('; ')}.`);
}

function readWith(spessa: typeof Spessa, bytes: Uint8Array): Spessa.BasicMIDI | Refusal {
  try {
    return spessa.BasicMIDI.fromArrayBuffer(ownBuffer(bytes));
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return { reason: 'refused', message: thrown.message };
  }
}

/** What the reader throws at a file that it does not understand; anything else is a fault, in it or here, that must be seen. */
function isRefusal(thrown: unknown): thrown is Error {
  return thrown instanceof SyntaxError || thrown instanceof RangeError;
}

/**
 * A copy that begins at the first byte of a buffer of its own, which is what the loaders want. Not `slice()`: of a Node
 * Buffer that is no copy but a view, and small files are read into the middle of a buffer that many share.
 */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function play(
  spessa: typeof Spessa,
  synth: Spessa.SpessaSynthProcessor,
  midi: Spessa.BasicMIDI,
  endTime: number,
  { sampleRate, seconds, tail }: SoundFontRenderOptions,
): Pick<SoundFontRendering, 'left' | 'right'> {
  const frames = countFrames(Math.min(midi.duration, endTime + LONGEST_RINGING) + tail, seconds, sampleRate);
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  const sequencer = new spessa.SpessaSynthSequencer(synth);
  sequencer.skipToFirstNoteOn = false; // the silence before the first note is part of the piece
  sequencer.loadNewSongList([midi]);
  sequencer.play();
  const block = sampleRate < 32_000 ? 32 : 64;
  for (let at = 0; at < frames; at += block) {
    sequencer.processTick();
    synth.process(left, right, at, Math.min(block, frames - at));
  }
  return { left, right };
}

/** Runs `work` with the synthesizer's log off: the console is the caller's. `work` must be synchronous: the log is shared. */
function quietly<T>(log: typeof Spessa.SpessaLog, work: () => T): T {
  const { infoEnabled, warnEnabled, groupEnabled } = log;
  log.setLogLevel(false, false, false);
  try {
    return work();
  } finally {
    log.setLogLevel(infoEnabled, warnEnabled, groupEnabled);
  }
}
