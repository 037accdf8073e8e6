import { UsageError } from '../../errors.ts';
import type { HeadName } from '../../midi/index.ts';
import type { Floats } from '../../tensor/index.ts';
import { Keys, type KeyStore } from './keys.ts';
import { needsStates, type HeadMemory, type MemoryParameters, type VoteWeights } from './parameters.ts';
import { resolveRecall, type RecallOptions, type ResolvedRecall } from './recall-options.ts';
import { Trail, type NoteClasses } from './trail.ts';
import { spreadVotes, Votes, type Question } from './votes.ts';

/** What a memory is made of. */
export interface PieceMemoryOptions {
  /** Defaults are `MATCH_PARAMETERS` and `STATE_PARAMETERS`. */
  parameters: MemoryParameters;
  /** The seconds of each class of steps. */
  stepSeconds: ArrayLike<number>;
  /** Notes that are remembered; 4,000 unless given. */
  window?: number;
  /** For parameters that compare states of the network. */
  keys?: KeyStore;
  /** How to generate; as fitted, for evaluation, unless given. */
  recall?: RecallOptions;
}

/** Where a class that was drawn came from. */
export interface Origin {
  /** The number of the note that it is most likely a copy of, counted from 0 since the piece began. */
  note: number;
  /** Whether it is the copy of an interval, on another pitch. */
  transposed: boolean;
  /** What part of its probability came from the memory. */
  share: number;
}

/** The notes that a memory holds, the latest, unless told otherwise. */
export const MEMORY_WINDOW = 4000;
/** Notes over which repeated figures are averaged. */
const BUDGET_NOTES = 50;
const BUDGET_SLOPE = 30;
/** The pitches of a figure. */
const FIGURE = 4;
const PITCHES = 128;

/**
 * A memory of the piece so far, which says what followed where the music was like it is now. It knows nothing of the
 * network; its votes are mixed into what the network says, in proportion to the evidence for them:
 *
 *     p = (p_model + e q + e' q') / (1 + e + e')
 *
 * It descends from the continuous cache of Grave, Joulin and Usunier (2017); docs/recall.md has the formulas. It uses only
 * what was pushed and what is drawn of the note. After it is made, it allocates nothing.
 */
export class PieceMemory {
  readonly #parameters: MemoryParameters;
  readonly #trail: Trail;
  readonly #keys: Keys | undefined;
  readonly #own: Votes;
  readonly #transposed: Votes;
  readonly #buffers = new Buffers();
  readonly #question: Question = { head: 'pitch', drawn: {}, transposed: false, lowest: 0, highest: 0, minLag: 0 };
  #recall: ResolvedRecall;
  /** Whether the likeness of the states is that of the newest note. */
  #compared = false;
  /** Whether the next note was asked for, so that it counts for the budget. */
  #asked = false;
  #repetition = 0;
  /** What the votes of the head that was mixed last weighed, against the model's 1. */
  #ownWeight = 0;
  #transposedWeight = 0;
  /** The lag of the place that the whole note is copied from; 0 when it is not, undefined before that is drawn. */
  #place: number | undefined = undefined;
  #placeTransposed = false;
  #lowest = Infinity;
  #highest = -Infinity;

  /** @throws UsageError when options are out of range, or the parameters need states and there are no keys */
  constructor({ parameters, stepSeconds, window = MEMORY_WINDOW, keys, recall }: PieceMemoryOptions) {
    if (needsStates(parameters) && !keys) {
      throw new UsageError(
        'PieceMemory: these parameters compare states of the network. Give `keys`, or parameters without `state`.',
      );
    }
    this.#recall = resolveRecall(recall);
    this.#parameters = parameters;
    this.#trail = new Trail(window, parameters.decay, stepSeconds);
    this.#keys = keys && needsStates(parameters) ? new Keys(keys, window) : undefined;
    this.#own = new Votes(window);
    this.#transposed = new Votes(window);
  }

  /** Notes since the piece began. */
  get count(): number {
    return this.#trail.count;
  }

  /** The running share of drawn notes that end four pitches which had occurred before: what the budget is held against. */
  get repetition(): number {
    return this.#repetition;
  }

  /** Changes how strongly it speaks from the next note on. */
  set recall(options: RecallOptions) {
    this.#recall = resolveRecall(options);
  }

  /** Forgets everything: another piece begins. */
  clear(): void {
    this.#trail.clear();
    this.#repetition = 0;
    this.#lowest = Infinity;
    this.#highest = -Infinity;
    this.#beginNote();
  }

  /**
   * Remembers a note, after the network has read it.
   * @param state the output of the network's last layer then; only a memory with keys needs it
   * @throws UsageError when it needs the state and the state is missing or of another width
   */
  push(classes: NoteClasses, state?: ArrayLike<number>): void {
    this.#keys?.push(state, this.#trail.count);
    this.#trail.push(classes);
    this.#lowest = Math.min(this.#lowest, classes.pitch);
    this.#highest = Math.max(this.#highest, classes.pitch);
    if (this.#asked) this.#repetition += (Number(this.#repeats()) - this.#repetition) / BUDGET_NOTES;
    this.#beginNote();
  }

  /**
   * Mixes what the memory says of one head into what the model says, in place. A strength of 0 leaves every bit.
   *
   * @param drawn what of the note is drawn already
   * @param p the probability of each class, after softmax and temperature, before keys are masked
   */
  mix(head: HeadName, drawn: Partial<NoteClasses>, p: Floats): void {
    this.#asked = true;
    this.#buffers.clear(p.length);
    const memory = this.#parameters.heads[head];
    if (!memory || this.#recall.recall === 0 || this.#trail.depth <= this.#recall.minLag) return;
    if (this.#recall.joint > 0) {
      if (this.#place === undefined) this.#copyOrNot(this.#parameters.heads.pitch ?? memory);
      return this.#keepToPlace(head, memory.own, p);
    }
    this.#vote(head, drawn, memory, p.length);
    const evidence = this.#ownWeight + this.#transposedWeight;
    if (evidence === 0) return;
    const { votes } = this.#buffers;
    this.#own.addTo(votes, this.#ownWeight);
    const all = this.#spreadOut(memory.own, p.length);
    this.#transposed.addTo(all, this.#transposedWeight);
    this.#mixIn(all, p, 1, 1 + evidence);
  }

  /**
   * Where a class comes from that was drawn from what the last `mix` made; undefined when no place that is remembered had it.
   * @param kind the class, as the head that was mixed last has it
   */
  origin(kind: number): Origin | undefined {
    const share = this.#buffers.share[kind];
    if (!(share > 0)) return undefined;
    const { pitch, top, count } = this.#trail;
    const from = (lag: number, byInterval: boolean): Origin => ({
      note: count - lag,
      transposed: byInterval && pitch[top - lag + 1] !== kind,
      share,
    });
    if (this.#place) return from(this.#place, this.#placeTransposed);
    const own = this.#own.strongest(kind);
    const transposed = this.#transposed.strongest(kind);
    const ownVotes = own && this.#ownWeight * this.#own.weights[own];
    const transposedVotes = transposed && this.#transposedWeight * this.#transposed.weights[transposed];
    if (ownVotes === 0 && transposedVotes === 0) return undefined;
    return ownVotes >= transposedVotes ? from(own, false) : from(transposed, true);
  }

  /** Gives the arena of `keys` its bytes back; the memory must not be used after it. */
  dispose(): void {
    this.#keys?.dispose();
  }

  #beginNote(): void {
    this.#compared = false;
    this.#asked = false;
    this.#place = undefined;
    this.#placeTransposed = false;
  }

  #repeats(): boolean {
    const { runs, depth } = this.#trail;
    for (let lag = 1; lag <= depth; lag++) if (runs[lag] >= FIGURE) return true;
    return false;
  }

  /**
   * Counts the votes of both sources, and weighs them.
   * @param met whether the conditions on what is drawn count as met by each place
   */
  #vote(head: HeadName, drawn: Partial<NoteClasses>, { own, transposed }: HeadMemory, size: number, met = false): void {
    const { recall, transposed: transposedRecall, budget, minLag, inRange } = this.#recall;
    const restraint = Math.exp(-BUDGET_SLOPE * Math.max(0, this.#repetition - budget));
    const question = this.#question;
    question.head = head;
    question.drawn = drawn;
    question.minLag = minLag;
    question.transposed = false;
    question.lowest = 0;
    question.highest = size - 1;
    this.#ownWeight = restraint * recall * this.#collect(this.#own, own, met);
    this.#transposedWeight = 0;
    if (!transposed || transposedRecall === 0) return this.#transposed.clear();
    question.transposed = true;
    if (inRange) question.lowest = Math.max(0, this.#lowest);
    if (inRange) question.highest = Math.min(size - 1, this.#highest);
    this.#transposedWeight = restraint * transposedRecall * this.#collect(this.#transposed, transposed, met);
  }

  #collect(votes: Votes, weights: VoteWeights, met: boolean): number {
    const { count, depth } = this.#trail;
    if (this.#keys && !this.#compared) this.#keys.compare(count - 1, depth);
    this.#compared = true;
    votes.collect(this.#trail, this.#question, weights, this.#keys?.likeness);
    return votes.weightAgainstModel(weights, met ? weights.chord + weights.step : 0);
  }

  /**
   * Draws whether the whole note is copied, and from where: by the votes for its pitch, as if the step that goes with each were
   * drawn already.
   */
  #copyOrNot(memory: HeadMemory): void {
    const { random } = this.#recall;
    this.#place = 0;
    if (!random) return;
    this.#vote('pitch', {}, memory, PITCHES, true);
    const drawn = random.uniform() * (1 + this.#ownWeight + this.#transposedWeight);
    if (drawn >= this.#ownWeight + this.#transposedWeight) return;
    this.#placeTransposed = drawn >= this.#ownWeight;
    this.#place = (this.#placeTransposed ? this.#transposed : this.#own).draw(random.uniform());
  }

  /** What the place that the note is copied from says of a head; of a note that is not copied the model's word stands. */
  #keepToPlace(head: HeadName, weights: VoteWeights, p: Floats): void {
    if (!this.#place) return;
    const { joint } = this.#recall;
    const { top, pitch, interval } = this.#trail;
    const next = top - this.#place + 1;
    const moved = this.#placeTransposed && head === 'pitch';
    const kind = moved ? pitch[top] + interval[next] : this.#trail.classes(head)[next];
    if (kind < 0 || kind >= p.length) return;
    this.#buffers.votes[kind] = joint;
    this.#mixIn(this.#spreadOut(weights, p.length), p, 1 - joint, 1);
  }

  #spreadOut({ kernel }: VoteWeights, size: number): Float64Array {
    const { votes, spread } = this.#buffers;
    if (this.#recall.sharp || (kernel[1] === 0 && kernel[2] === 0)) return votes;
    spreadVotes(votes, spread, kernel, size);
    return spread;
  }

  /** `p = (model p + votes) / sum`. */
  #mixIn(votes: Float64Array, p: Floats, model: number, sum: number): void {
    const { share } = this.#buffers;
    for (let kind = 0; kind < p.length; kind++) {
      const all = model * p[kind] + votes[kind];
      share[kind] = all > 0 ? votes[kind] / all : 0;
      p[kind] = all / sum;
    }
  }
}

/** Numbers by class, of which there are as many as the largest head has. */
class Buffers {
  votes = new Float64Array(128);
  spread = new Float64Array(128);
  /** What part of each class of the head that was mixed last came from the memory. */
  share = new Float64Array(128);

  clear(classes: number): void {
    if (classes > this.votes.length) {
      this.votes = new Float64Array(classes);
      this.spread = new Float64Array(classes);
      this.share = new Float64Array(classes);
    }
    this.votes.fill(0);
    this.share.fill(0);
  }
}
