import { UsageError } from '../errors.ts';
import { assertAllFinite, BROKEN_MODEL } from '../finite.ts';
import type { Codec, HeadValues, Note, NoteEvent } from '../midi/index.ts';
import { CategoricalSampler, Stepper, validateSampling, WindowRunner, type SamplingOptions } from '../nn/index.ts';
import { Random, type Kernels } from '../tensor/index.ts';
import { analyseNotes, type MusicAnalysis } from './analysis.ts';
import { NoteLayout, type LaidNote } from './lay-out.ts';
import type { MusicModel } from './music-model.ts';
import { counted } from '../words.ts';

/** How to draw new music from a model. */
export interface GenerateOptions extends SamplingOptions {
  /** New notes, not counting the primer. */
  notes: number;
  /** The same seed draws the same notes. */
  seed: number;
  /** What the model hears first: at least a window of notes. The model's own primer unless given. */
  primer?: readonly NoteEvent[];
  /** Temperatures of single categorical heads, where they should differ from `temperature`. */
  temperatures?: Partial<Record<string, number>>;
  /**
   * `tutorial` generates as TensorFlow's tutorial does: a window of the last notes, run anew for every note, into which new
   * pitches go undivided although the model learned them divided by 128. To show what that does.
   */
  compat?: 'tutorial';
  kernels?: Kernels;
  /** Called after each draw, with the notes that there are and what was drawn; throwing from it ends the generation. */
  onNote?(done: number, total: number, drawn: DrawnNote): void;
}

/** A note as it was drawn, and what became of it on the time axis. */
export interface DrawnNote extends LaidNote {
  /** As the model drew and heard it. */
  event: NoteEvent;
  /** The probability that the model gave its pitch, under the temperature. */
  probability: number;
}

/** What was drawn. */
export interface GeneratedMusic {
  /**
   * The new notes, the first starting one step after the last of the primer, moved to begin at 0. A note ends where its key
   * is struck again, and of draws that strike a key in the same tick one note remains. As many as were asked for, unless
   * twice as many draws did not make them: a model that is stuck may strike one key at one time for ever.
   */
  notes: Note[];
  /** What was drawn, and heard by the model, one for each draw. */
  events: NoteEvent[];
  /** How many draws struck a key that still sounded, going by the durations that were drawn. */
  struckWhileHeld: number;
  /** The probability that the model gave each pitch when it was drawn, under the temperature. */
  probabilities: Float64Array;
}

/** For each note that was asked for at most so many draws. */
const MOST_DRAWS = 2;

/**
 * Draws notes one after another: categorical heads are sampled, scalar heads taken as they are.
 * @throws UsageError when an option is out of range, the primer is shorter than the model's window, or `compat` is asked of a
 *   model that does not read pitch as a number
 * @throws NotFiniteError when the model's weights give something that is not finite
 */
export function generateNotes(model: MusicModel, options: GenerateOptions): GeneratedMusic {
  const { notes: count, primer = model.primer.notes, compat } = options;
  checkRequest(model, count, primer, compat);
  const draw = new NoteDrawer(model, options);
  const source =
    compat === 'tutorial'
      ? new TutorialWindow(model, primer, options.kernels)
      : new StatefulRun(model, primer, options.kernels);
  const layout = new NoteLayout();
  const events: NoteEvent[] = [];
  const probabilities: number[] = [];
  while (layout.notes.length < count && events.length < MOST_DRAWS * count) {
    const heard = events.at(-1);
    if (heard) source.feed(heard);
    const event = draw.next(source);
    probabilities.push(draw.pitchProbability);
    events.push(event);
    const laid = layout.add(event);
    options.onNote?.(layout.notes.length, count, { event, probability: draw.pitchProbability, ...laid });
  }
  const { notes, struckWhileHeld } = layout;
  return { notes, events, struckWhileHeld, probabilities: Float64Array.from(probabilities) };
}

/** What can be said of drawn music by counting: its notes as they sound, and how often a key was drawn that still sounded. */
export function analyseGenerated({ notes, events, struckWhileHeld }: GeneratedMusic): MusicAnalysis {
  return { ...analyseNotes(notes), struckWhileHeld: struckWhileHeld / events.length };
}

function checkRequest(
  { settings, codec }: MusicModel,
  count: number,
  primer: readonly NoteEvent[],
  compat: GenerateOptions['compat'],
): void {
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new UsageError(`notes: expected a whole number of at least 1, got ${count}.`);
  }
  if (primer.length < settings.seqLength) {
    throw new UsageError(
      `The primer has ${counted(primer.length, 'note')}; this model needs at least ${settings.seqLength}, the length of its window. Give a longer piece.`,
    );
  }
  if (compat === 'tutorial' && codec.spec.pitch !== 'scalar') {
    throw new UsageError(
      `compat tutorial: the tutorial's defect is to feed pitches undivided, and this model reads pitch as '${codec.spec.pitch}', ` +
        `which is never divided. It takes a model with pitch 'scalar', such as --preset tutorial trains.`,
    );
  }
}

/** Something that has heard notes and says what should follow. */
interface NoteSource {
  feed(note: NoteEvent): void;
  output(head: number): ArrayLike<number>;
}

/** The state carried from note to note: all that was heard counts, and a note costs one step. */
class StatefulRun implements NoteSource {
  readonly #stepper: Stepper;
  readonly #codec: Codec;
  readonly #categories: Int32Array;
  readonly #features: Float32Array;

  constructor({ spec, parameters, codec }: MusicModel, primer: readonly NoteEvent[], kernels?: Kernels) {
    this.#stepper = new Stepper(spec, parameters, kernels);
    this.#codec = codec;
    this.#categories = new Int32Array(codec.inputs.categories.length);
    this.#features = new Float32Array(codec.inputs.features.length);
    for (const note of primer) this.feed(note);
  }

  feed(note: NoteEvent): void {
    this.#codec.encodeNote(note, this.#categories, this.#features);
    this.#stepper.step(this.#categories, this.#features);
  }

  output(head: number): ArrayLike<number> {
    return this.#stepper.output(head);
  }
}

/** The tutorial's way: the last `seqLength` notes from the zero state, new ones with their raw pitch. */
class TutorialWindow implements NoteSource {
  readonly #runner: WindowRunner;
  readonly #codec: Codec;
  readonly #window: Float32Array;
  readonly #row: Float32Array;

  constructor({ spec, parameters, codec, settings }: MusicModel, primer: readonly NoteEvent[], kernels?: Kernels) {
    const width = codec.inputs.features.length;
    this.#runner = new WindowRunner(spec, parameters, settings.seqLength, kernels);
    this.#codec = codec;
    this.#row = new Float32Array(width);
    this.#window = new Float32Array(settings.seqLength * width);
    for (const note of primer.slice(-settings.seqLength)) {
      codec.encodeNote(note, NO_CATEGORIES, this.#row);
      this.#push();
    }
    this.#run();
  }

  feed(note: NoteEvent): void {
    this.#codec.encodeNote(note, NO_CATEGORIES, this.#row, { compat: 'tutorial' });
    this.#push();
    this.#run();
  }

  output(head: number): ArrayLike<number> {
    return this.#runner.output(head);
  }

  #push(): void {
    this.#window.copyWithin(0, this.#row.length);
    this.#window.set(this.#row, this.#window.length - this.#row.length);
  }

  #run(): void {
    this.#runner.run([], this.#window);
  }
}

const NO_CATEGORIES = new Int32Array(0);

/** Turns what the heads say into a note. */
class NoteDrawer {
  pitchProbability = 0;
  readonly #codec: Codec;
  readonly #samplers: (CategoricalSampler | undefined)[];
  readonly #random: Random;
  /** For each head the words of an error. */
  readonly #said: string[];

  constructor({ codec, spec }: MusicModel, { seed, temperature, topK, topP, temperatures = {} }: GenerateOptions) {
    validateSampling({ temperature, topK, topP });
    const sampled = spec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => name);
    const given = Object.keys(temperatures).filter((name) => temperatures[name] !== undefined);
    const unknown = given.find((name) => !sampled.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(
        `temperature: this model draws no "${unknown}" that a temperature could change; it draws ${sampled.join(', ')}.`,
      );
    }
    this.#codec = codec;
    this.#said = spec.heads.map(({ name }) => `What the model says of ${name}`);
    this.#random = Random.stream(seed, 'sample');
    this.#samplers = spec.heads.map((head) =>
      head.kind === 'categorical'
        ? new CategoricalSampler(head.size, { temperature: temperatures[head.name] ?? temperature, topK, topP })
        : undefined,
    );
  }

  next(source: NoteSource): NoteEvent {
    const values: Partial<HeadValues> = {};
    const { heads } = this.#codec;
    for (let k = 0; k < heads.length; k++) {
      const { name } = heads[k];
      const sampler = this.#samplers[k];
      const output = source.output(k);
      assertAllFinite(output, this.#said[k], BROKEN_MODEL);
      values[name] = sampler ? sampler.sample(output, this.#random) : output[0];
      if (name === 'pitch') this.pitchProbability = sampler!.probability(values[name]);
    }
    return this.#codec.decodeNote(values as HeadValues);
  }
}
