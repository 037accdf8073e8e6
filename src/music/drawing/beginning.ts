import type { BarPlace } from '../../midi/index.ts';
import type { Answers } from '../../nn/index.ts';
import type { Floats } from '../../tensor/index.ts';
import type { Frequencies } from '../evaluation/frequencies.ts';
import type { MusicModel } from '../music-model.ts';
import type { NoteSource } from './note-source.ts';

/**
 * Who says the first note of music that follows no primer; `source` says those after it. No training asks a network before it
 * has heard a note but those that know how pieces begin: those hear that one does, and say the first note themselves. Of others
 * the frequencies of the training pieces say it: what any window of them may begin with. Models of
 * earlier versions, which do not know them, say it themselves, from the zero state.
 * @param bar where in its bar the music begins, if the model counts bars
 */
export function beginning(
  { spec, codec, frequencies }: MusicModel,
  source: NoteSource,
  bar: BarPlace | undefined,
): Answers {
  if (codec.endClass !== undefined) {
    source.begin?.(bar);
    return source;
  }
  if (!frequencies) return source;
  return new FrequencyAnswers(spec.heads.map(({ name }) => outputOf(frequencies[name])));
}

/** Says the same whatever was heard or chosen. */
class FrequencyAnswers implements Answers {
  readonly #outputs: readonly Floats[];

  constructor(outputs: readonly Floats[]) {
    this.#outputs = outputs;
  }

  output(head: number): Floats {
    return this.#outputs[head];
  }

  choose(): void {
    // The parts of this note know nothing of each other.
  }
}

/** The logit of a class that no training piece has: no temperature makes it likely. */
const NEVER = -1e9;

/** Logits whose probabilities are the frequencies, or the mean of a head that gives a number. */
function outputOf(known: Frequencies[string]): Floats {
  if ('mean' in known) return Float64Array.of(known.mean);
  return Float64Array.from(known.counts, (count) => (count > 0 ? Math.log(count) : NEVER));
}
