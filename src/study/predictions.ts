import type { Codec, HeadValues } from '../midi/index.ts';
import type { HeadRecording, Sequence } from '../nn/index.ts';
import { scalarBaseline, unigramBaseline } from '../music/baseline.ts';
import type { MusicModel } from '../music/music-model.ts';
import type { StudyHead } from './study-data.ts';

/**
 * What each head said about each note, and what it cost: entry n is about note n, said by the step before it.
 * @param heads a recording of the whole song
 * @param scale what the model's seconds are multiplied by
 */
export function studyHeads(
  heads: readonly HeadRecording[],
  sequence: Sequence,
  { codec, spec }: Pick<MusicModel, 'codec' | 'spec'>,
  scale = 1,
): StudyHead[] {
  const { length } = sequence;
  return heads.map((head, k) => {
    const { name, kind, size, nextLoss } = head;
    const targets = Array.from(sequence.targets[name]).slice(1);
    const surprise = Array.from({ length }, (_, note) => (note === 0 ? null : nextLoss[note - 1]));
    const values = likeliest(head);
    const unit = name === 'step' || name === 'duration' ? scale : 1;
    const meant = (value: number): number | null =>
      isEnd(codec, name, value) ? null : unit * decode(codec, name, value);
    const predicted = Array.from({ length }, (_, note) => (note === 0 ? null : meant(values[note - 1])));
    const ends = predicted.flatMap((value, note) => (note > 0 && value === null ? note : []));
    return {
      name,
      kind,
      reads: [...(spec.heads[k].reads ?? [])],
      unit: kind === 'categorical' ? 'nats' : 'squared error',
      loss: targets.reduce((sum, _, step) => sum + nextLoss[step], 0) / Math.max(1, targets.length),
      baseline: kind === 'categorical' ? unigramBaseline(targets, size) : scalarBaseline(targets),
      surprise,
      predicted,
      ...(ends.length > 0 && { ends }),
    };
  });
}

/** For each step the likeliest class, or the number that was predicted. */
function likeliest({ kind, size, out }: HeadRecording): Float64Array {
  return Float64Array.from({ length: out.length / size }, (_, step) => {
    if (kind === 'scalar') return out[step];
    let best = 0;
    for (let j = 1; j < size; j++) if (out[step * size + j] > out[step * size + best]) best = j;
    return best;
  });
}

/** Whether a value says that no note comes any more. */
function isEnd(codec: Codec, name: string, value: number): boolean {
  return name === 'step' && value === codec.endClass;
}

/** A note of which only one part is asked. */
const ANY: Required<HeadValues> = { pitch: 0, step: 0, duration: 0, velocity: 0 };

function decode(codec: Codec, name: string, value: number): number {
  return codec.decodeNote({ ...ANY, [name]: value })[name as keyof HeadValues]!;
}
