import type { BarPlace, Codec, NoteEvent } from '../../midi/index.ts';
import { Stepper, WindowRunner, type Answers } from '../../nn/index.ts';
import type { Floats, Kernels } from '../../tensor/index.ts';
import type { MusicModel } from '../music-model.ts';

/** Something that has heard notes and says what should follow. */
export interface NoteSource extends Answers {
  feed(note: NoteEvent): void;
  /** Hears that a piece begins, at a place in a bar, where it can. */
  begin?(bar: BarPlace | undefined): void;
  /** The output of the network's last layer after the last note, where there is such a thing. */
  readonly hidden?: Floats;
}

/** The state carried from note to note: all that was heard counts, and a note costs one step. */
export class StatefulRun implements NoteSource {
  readonly #stepper: Stepper;
  readonly #codec: Codec;
  readonly #categories: Int32Array;
  readonly #features: Float32Array;
  #begun = false;

  constructor({ spec, parameters, codec }: MusicModel, kernels?: Kernels) {
    this.#stepper = new Stepper(spec, parameters, kernels);
    this.#codec = codec;
    this.#categories = new Int32Array(codec.inputs.categories.length);
    this.#features = new Float32Array(codec.inputs.features.length);
  }

  /** Hears that a piece begins, at a place in a bar, if the model knows beginnings; the first note that it hears says so, too. */
  begin(bar: BarPlace | undefined): void {
    this.#begun = true;
    if (this.#codec.endClass === undefined) return;
    this.#codec.encodeStart(bar, this.#categories);
    this.#stepper.step(this.#categories, this.#features);
  }

  feed(note: NoteEvent): void {
    if (!this.#begun) this.begin(note.bar);
    this.#codec.encodeNote(note, this.#categories, this.#features);
    this.#stepper.step(this.#categories, this.#features);
  }

  output(head: number): Floats {
    return this.#stepper.output(head);
  }

  choose(head: number, chosen: number): void {
    this.#stepper.choose(head, chosen);
  }

  get hidden(): Floats {
    return this.#stepper.hidden;
  }

  /** Forgets everything: another piece begins. */
  reset(): void {
    this.#stepper.reset();
    this.#begun = false;
  }
}

/** The tutorial's way: the last `seqLength` notes from the zero state, new ones with their raw pitch. */
export class TutorialWindow implements NoteSource {
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

  output(head: number): Floats {
    return this.#runner.output(head);
  }

  choose(head: number, chosen: number): void {
    this.#runner.choose(head, chosen);
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
