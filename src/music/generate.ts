import { UsageError } from '../errors.ts';
import { spreadChords, type BarPlace, type Meter, type Note, type NoteEvent } from '../midi/index.ts';
import type { Answers } from '../nn/index.ts';
import { Random, type Kernels } from '../tensor/index.ts';
import { analyseNotes, type MusicAnalysis } from './analysis.ts';
import { beginning } from './drawing/beginning.ts';
import { defaultBudget } from './drawing/repetition.ts';
import { endOdds } from './drawing/end-odds.ts';
import { HeldKeys } from './drawing/held-keys.ts';
import { NoteDrawer, type DrawingOptions } from './drawing/note-drawer.ts';
import { StatefulRun, TutorialWindow, type NoteSource } from './drawing/note-source.ts';
import { createMemory, defaultRecall } from './drawing/recall.ts';
import { NoteLayout, type LaidNote } from './lay-out.ts';
import { GENERATION_RECALL, type Origin, type RecallOptions } from './memory/index.ts';
import type { MusicModel } from './music-model.ts';
import { usualPrimer } from './primer.ts';
import { instrumentOf, scaleOf, writtenTime, type WrittenBeats } from './output.ts';
import { counted, inWords } from '../text/words.ts';

/** How to draw new music from a model. */
export interface GenerateOptions extends DrawingOptions {
  /**
   * New notes, not counting the primer; `auto` until the model ends the piece, which takes one that knows ends (`ends`), 2,000 at
   * most. As many as fit into `seconds` unless given; one of the two must be.
   */
  notes?: number | 'auto';
  /**
   * Ends the music after so many seconds, at least 0.1, from the start of its first new note: the last note starts before, and
   * what would sound on is cut there.
   */
  seconds?: number;
  /** Quarters a minute, for a model whose time is counted in beats: the median of what it learned from unless given. */
  tempo?: number;
  /** The time signature of music that begins with nothing, one of those that the model learned from; the most frequent unless given. */
  meter?: Meter;
  /** What the model hears first, of any length; `[]` is nothing (`beginning`). `usualPrimer` unless given. */
  primer?: readonly NoteEvent[];
  /**
   * How the music recalls its own past, the primer's included, where it differs from `GENERATION_RECALL`. Models that draw the
   * parts of a note in an order recall unless told not to (`{ recall: 0 }`), others only when told to.
   */
  recall?: RecallOptions;
  /** Strikes keys that are still down, too; their notes end there. */
  strikeHeld?: boolean;
  /**
   * `tutorial` generates as TensorFlow's tutorial does: a window of the last notes, run anew for every note, into which new
   * pitches go undivided although the model learned them divided by 128. To show what that does.
   */
  compat?: 'tutorial';
  kernels?: Kernels;
  /**
   * Called after each draw, with the notes that there are, of how many (Infinity where only `seconds` ends them), and what was
   * drawn; throwing from it ends the generation.
   */
  onNote?(done: number, total: number, drawn: DrawnNote): void;
}

/** A note as it was drawn, and what became of it on the time axis. */
export interface DrawnNote extends LaidNote {
  /** As the model drew and heard it. */
  event: NoteEvent;
  /** The probability with which its pitch was drawn: the model's under the temperature, with what the memory added. */
  probability: number;
  /**
   * What of the past it was copied from, as far as the memory had a part in it: `note` counts from the first note of the
   * primer.
   */
  origin?: Origin;
}

/** What was drawn. */
export interface GeneratedMusic {
  /**
   * The new notes, the first starting one step after the last of the primer, moved to begin at 0. A note ends where its key
   * is struck again, and of draws that strike a key in the same tick one note remains.
   */
  notes: Note[];
  /**
   * What ended it: there were as many notes as were asked for, or its seconds were over, or the model ended it; or it was stuck. A model may strike one
   * key at one time for ever, so that twice as many draws as notes must do, and for a second 100 (and 1000 for all).
   */
  ended: 'notes' | 'seconds' | 'end' | 'stuck';
  /**
   * The same as hands would play them, for files: where the model heard chords as one onset, their notes come one after the
   * other again, as far apart as in the training pieces. Else just those notes.
   */
  played: Note[];
  /** The tempo and the bars of the notes, if the model counts time in beats: see `midiOf`. */
  beats?: WrittenBeats;
  /** What was drawn, and heard by the model, one for each draw. */
  events: NoteEvent[];
  /** How many draws struck a key that still sounded, going by the durations that were drawn. */
  struckWhileHeld: number;
  /** The probability with which each pitch was drawn. */
  probabilities: Float64Array;
  /** For each draw what it was copied from, as far as it was. */
  origins: (Origin | undefined)[];
}

/** Notes of a piece of a model that knows no end, unless anything else ends it: as in TensorFlow's tutorial. */
const USUAL_NOTES = 120;

/** How many notes are drawn where nobody says: until the model ends the piece, if it knows how. */
export function usualLength({ codec }: Pick<MusicModel, 'codec'>): number | 'auto' {
  return codec.endClass === undefined ? USUAL_NOTES : 'auto';
}

/** For each note that was asked for at most so many draws. */
const MOST_DRAWS = 2;
/** For each second more than anybody plays, and so many however short it is. */
const MOST_DRAWS_A_SECOND = 100;
const DRAWS_AT_LEAST = 1000;
/** The least that music can last. */
const LEAST_SECONDS = 0.1;
/** A piece that has not ended by then does not. */
const LONGEST_PIECE = 2000;

/**
 * Draws notes one after another: categorical heads are sampled, scalar heads taken as they are. A key that is down is not
 * struck again (but by drums, and with `compat`). For several pieces call it once for each seed.
 * @throws UsageError when an option is out of range, `compat` is asked of a model that does not read pitch as a number or of a
 *   primer shorter than its window, or recall of a model whose times are no classes
 * @throws NotFiniteError when the model's weights give something that is not finite
 */
export function generateNotes(model: MusicModel, options: GenerateOptions): GeneratedMusic {
  const { notes: asked = Infinity, seconds = Infinity, primer = usualPrimer(model).notes } = options;
  checkLength(model, options);
  checkRequest(model, primer, options.compat);
  checkMeter(model, primer, options.meter);
  const count = asked === 'auto' ? LONGEST_PIECE : asked;
  const time = writtenTime(model, options.tempo);
  const { drawer, source, first, hear, dispose } = listener(model, options, primer);
  const layout = new NoteLayout({ until: seconds, ...(time && { scale: scaleOf(time) }) });
  const events: NoteEvent[] = [];
  const probabilities: number[] = [];
  const origins: (Origin | undefined)[] = [];
  const mostDraws = Math.min(MOST_DRAWS * count, Math.max(DRAWS_AT_LEAST, MOST_DRAWS_A_SECOND * seconds));
  let ended: GeneratedMusic['ended'] | undefined;
  while (!ended) {
    const heard = events.at(-1);
    if (heard) hear(heard);
    if (asked === 'auto') drawer.endOdds = heard ? endOdds(model, primer.length + events.length) : 0;
    const event = drawer.next(heard ? source : first);
    if (!event || !layout.hasRoom(event)) {
      ended = event ? 'seconds' : 'end';
      break;
    }
    const { pitchProbability: probability, origin } = drawer;
    probabilities.push(probability);
    origins.push(origin);
    events.push(event);
    const laid = layout.add(event);
    options.onNote?.(layout.notes.length, count, { event, probability, ...(origin && { origin }), ...laid });
    if (layout.notes.length === count) ended = 'notes';
    else if (events.length >= mostDraws) ended = 'stuck';
  }
  dispose();
  const { notes, struckWhileHeld } = layout;
  const played = asPlayed(model, notes, options.seed);
  const beats = time && { ...time, first: events[0].bar! };
  const drawn = { notes, ended, played, events, struckWhileHeld, probabilities: Float64Array.from(probabilities), origins }; // prettier-ignore
  return beats ? { ...drawn, beats } : drawn;
}

/** Who has heard the primer, and draws what comes after it. */
interface Listener {
  drawer: NoteDrawer;
  source: NoteSource;
  /** Who says the first note; `source` says those after it. */
  first: Answers;
  hear(note: NoteEvent): void;
  dispose(): void;
}

function listener(model: MusicModel, options: GenerateOptions, primer: readonly NoteEvent[]): Listener {
  const { compat, kernels } = options;
  const tutorial = compat === 'tutorial';
  const random = Random.stream(options.seed, 'recall');
  const usual = { recall: tutorial ? 0 : defaultRecall(model), budget: defaultBudget(model) };
  const recall = { ...GENERATION_RECALL, ...usual, random, ...options.recall };
  const memory = recall.recall > 0 ? createMemory(model, recall, kernels) : undefined;
  const masked = !tutorial && !options.strikeHeld && !instrumentOf(model).isDrum;
  const drawer = new NoteDrawer(model, options, memory, masked ? new HeldKeys() : undefined);
  const source = tutorial ? new TutorialWindow(model, primer, kernels) : new StatefulRun(model, kernels);
  const hear = (note: NoteEvent): void => {
    source.feed(note);
    drawer.remember(note, source);
  };
  if (!tutorial) primer.forEach(hear);
  const bar = primer.at(-1)?.bar ?? firstBar(model, options.meter);
  drawer.standAt(bar);
  const first = primer.length > 0 ? source : beginning(model, source, bar);
  return { drawer, source, first, hear, dispose: () => memory?.dispose() };
}

/** Notes of a model as hands would play them: chords that it heard as one onset are spread as those of its training pieces. */
export function asPlayed({ codec }: MusicModel, notes: readonly Note[], seed: number): Note[] {
  const { chords } = codec.spec;
  if (!chords) return [...notes];
  const random = Random.stream(seed, 'spread');
  return spreadChords(notes, chords, () => random.uniform());
}

/** What can be said of drawn music by counting: its notes as they sound, and how often a key was drawn that still sounded. */
export function analyseGenerated({ notes, events, struckWhileHeld }: GeneratedMusic): MusicAnalysis {
  return { ...analyseNotes(notes), struckWhileHeld: struckWhileHeld / events.length };
}

function checkLength({ codec }: MusicModel, { notes, seconds }: Pick<GenerateOptions, 'notes' | 'seconds'>): void {
  if (notes === undefined && seconds === undefined) {
    throw new UsageError('notes: expected a number of notes, or seconds, got neither.');
  }
  if (notes === 'auto') {
    if (codec.endClass !== undefined) return;
    throw new UsageError(
      'notes: this model does not know how pieces end. Give a number of notes, or train with --ends, as the preset songbook does.',
    );
  }
  if (notes !== undefined && !(Number.isSafeInteger(notes) && notes >= 1)) {
    throw new UsageError(`notes: expected a whole number of at least 1, got ${notes}.`);
  }
  if (seconds !== undefined && !(seconds >= LEAST_SECONDS && seconds < Infinity)) {
    throw new UsageError(`seconds: expected a number of at least ${LEAST_SECONDS}, got ${seconds}.`);
  }
}

/** Where music begins that follows nothing: with a bar. */
function firstBar({ codec }: MusicModel, meter: Meter | undefined): BarPlace | undefined {
  const { beats } = codec.spec;
  return beats && { meter: meter ?? beats.meters[0], place: 0 };
}

function checkMeter({ codec }: MusicModel, primer: readonly NoteEvent[], meter: Meter | undefined): void {
  if (!meter) return;
  const { beats } = codec.spec;
  if (!beats) {
    throw new UsageError(
      'meter: this model counts time in seconds and knows no bars. Leave it out, or train with --time beats.',
    );
  }
  if (primer.length > 0)
    throw new UsageError('meter: the primer has one already. Leave it out, or begin with no primer.');
  const known = beats.meters.map((each) => each.join('/'));
  if (known.includes(meter.join('/'))) return;
  throw new UsageError(`meter: this model learned from ${inWords(known, 'and')}, not from ${meter.join('/')}.`);
}

function checkRequest(
  { settings, codec }: MusicModel,
  primer: readonly NoteEvent[],
  compat: GenerateOptions['compat'],
): void {
  if (compat === 'tutorial' && codec.spec.pitch !== 'scalar') {
    throw new UsageError(
      `compat tutorial: the tutorial's defect is to feed pitches undivided, and this model reads pitch as '${codec.spec.pitch}', ` +
        `which is never divided. It takes a model with pitch 'scalar', such as --preset tutorial trains.`,
    );
  }
  if (compat === 'tutorial' && codec.spec.beats) {
    throw new UsageError(
      'compat tutorial: the tutorial counts seconds, and this model counts time in beats. It takes a model that was trained with --time seconds.',
    );
  }
  if (compat === 'tutorial' && primer.length < settings.seqLength) {
    throw new UsageError(
      `The primer has ${counted(primer.length, 'note')}; compat tutorial needs at least ${settings.seqLength}, the length of the model's window. Give a longer piece.`,
    );
  }
}
