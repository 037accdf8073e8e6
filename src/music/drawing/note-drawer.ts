import { UsageError } from '../../errors.ts';
import { assertAllFinite, BROKEN_MODEL } from '../../finite.ts';
import {
  barAfter,
  type BarPlace,
  type Codec,
  type HeadName,
  type HeadValues,
  type NoteEvent,
} from '../../midi/index.ts';
import { CategoricalSampler, validateSampling, type Answers, type SamplingOptions } from '../../nn/index.ts';
import { Random } from '../../tensor/index.ts';
import type { NoteClasses, Origin, PieceMemory } from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';
import type { HeldKeys } from './held-keys.ts';
import { noteClasses } from './note-classes.ts';
import type { NoteSource } from './note-source.ts';

/** How notes are drawn. The temperature, top-k and top-p shape the pitch: times that are cooled are short and fast. */
export interface DrawingOptions extends SamplingOptions {
  /** The same seed draws the same notes. */
  seed: number;
  /** The temperature of steps and durations; 1 unless given. */
  timeTemperature?: number;
  /** Temperatures of single categorical heads, where they should differ from all that. */
  temperatures?: Partial<Record<string, number>>;
}

/** One head, and how its value is drawn. */
interface DrawnHead {
  name: HeadName;
  /** Its place among the heads of the model. */
  index: number;
  /** Undefined for a head that gives a number. */
  sampler?: CategoricalSampler;
  /** The words of an error. */
  said: string;
  adjust?: (probabilities: Float64Array) => void;
}

/** Turns what the heads say into notes, one after the other. */
export class NoteDrawer {
  /** The probability with which the last pitch was drawn. */
  pitchProbability = 0;
  /** Where the last pitch was copied from, as far as it was: the memory had a part in its probability. */
  origin: Origin | undefined;
  readonly #codec: Codec;
  readonly #heads: DrawnHead[];
  readonly #random: Random;
  readonly #memory?: PieceMemory;
  readonly #held?: HeldKeys;
  /** What the odds of an end are multiplied by; 0 draws none. */
  endOdds = 0;
  /** Where in its bar the last note started, if the model counts bars. */
  #bar: BarPlace | undefined;
  /** What of the note is drawn so far. */
  #values: Partial<HeadValues> = {};

  /**
   * @param memory mixed into what the model says, where there is one
   * @param held keys that are down are not struck, where it is given
   */
  constructor(model: MusicModel, options: DrawingOptions, memory?: PieceMemory, held?: HeldKeys) {
    const { codec, spec } = model;
    this.#codec = codec;
    this.#memory = memory;
    this.#held = held;
    this.#random = Random.stream(options.seed, 'sample');
    refuseUnknownTemperatures(model, options);
    const order = drawingOrder(codec);
    this.#heads = order.map((index) => {
      const head = spec.heads[index];
      const { name } = codec.heads[index];
      const said = `What the model says of ${name}`;
      if (head.kind === 'scalar') return { name, index, said };
      const sampler = new CategoricalSampler(head.size, samplingOf(name, options));
      return { name, index, sampler, said, adjust: this.#adjustmentOf(name, head.size) };
    });
  }

  /** Draws a note from what a source says after what it heard, or undefined: the end of the piece. */
  next(source: Answers): NoteEvent | undefined {
    this.#values = {};
    for (const { name, index, sampler, said, adjust } of this.#heads) {
      const output = source.output(index);
      assertAllFinite(output, said, BROKEN_MODEL);
      const value = sampler ? sampler.sample(output, this.#random, adjust) : output[0];
      this.#values[name] = value;
      if (name === 'step' && value === this.#codec.endClass) return undefined;
      if (sampler) source.choose(index, value);
      if (name !== 'pitch') continue;
      this.pitchProbability = sampler!.probability(value);
      this.origin = this.#memory?.origin(value);
    }
    const note = this.#codec.decodeNote(this.#values as HeadValues);
    if (this.#bar) note.bar = this.#bar = barAfter(this.#bar, note.step);
    note.velocity = this.#codec.usualVelocity(note);
    this.#held?.add(note);
    return note;
  }

  /** Where in its bar the music stands: the next note starts its step after that. */
  standAt(bar: BarPlace | undefined): void {
    this.#bar = bar;
  }

  /** Tells the memory a note that the source has heard. */
  remember(note: NoteEvent, source: NoteSource): void {
    this.#memory?.push(noteClasses(this.#codec, note), source.hidden);
  }

  /** What changes the probabilities of a head before its class is drawn. */
  #adjustmentOf(name: HeadName, size: number): DrawnHead['adjust'] {
    const [memory, held] = [this.#memory, name === 'pitch' ? this.#held : undefined];
    const end = name === 'step' ? this.#codec.endClass : undefined;
    if (!memory && !held && end === undefined) return undefined;
    const own = new Float64Array(memory && held ? size : 0);
    return (probabilities) => {
      if (own.length > 0) own.set(probabilities);
      memory?.mix(name, this.#values as Partial<NoteClasses>, probabilities);
      if (end !== undefined) probabilities[end] *= this.endOdds;
      const { step } = this.#values;
      // Without a step nobody knows yet when the note will start.
      if (!held || step === undefined) return;
      const seconds = this.#codec.secondsOf('step', step);
      if (held.mask(probabilities, seconds) || own.length === 0) return;
      // What the memory wants is down; the model may want something else.
      probabilities.set(own);
      held.mask(probabilities, seconds);
    };
  }
}

/** A chain is drawn in its order; of heads that know nothing of each other the step goes first, so that it is known which keys are down. */
function drawingOrder({ heads, spec }: Codec): number[] {
  const indices = heads.map((_, index) => index);
  if (spec.order) return indices;
  return indices.sort((a, b) => Number(heads[b].name === 'step') - Number(heads[a].name === 'step') || a - b);
}

function samplingOf(name: HeadName, options: DrawingOptions): SamplingOptions {
  const { temperature, topK, topP, timeTemperature = 1, temperatures = {} } = options;
  const own = temperatures[name];
  if (name === 'pitch') return { temperature: own ?? temperature, topK, topP };
  return { temperature: own ?? (name === 'velocity' ? 1 : timeTemperature), topK: 0, topP: 1 };
}

function refuseUnknownTemperatures({ spec }: MusicModel, options: DrawingOptions): void {
  validateSampling(options);
  const { temperatures = {} } = options;
  const sampled = spec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => name);
  const given = Object.keys(temperatures).filter((name) => temperatures[name] !== undefined);
  const unknown = given.find((name) => !sampled.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    `temperature: this model draws no "${unknown}" that a temperature could change; it draws ${sampled.join(', ')}.`,
  );
}
