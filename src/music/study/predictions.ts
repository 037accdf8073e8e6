import type { Codec, HeadValues } from '../../midi/index.ts';
import type { HeadRecording, Sequence } from '../../nn/index.ts';
import { scalarBaseline, unigramBaseline } from '../baseline.ts';
import type { MusicModel } from '../music-model.ts';
import type { StudyHead } from './study-data.ts';

/**
 * What each head said about each note, and what it cost: entry n is about note n, said by the step before it.
 * @param heads a recording of the whole song
 */
export function studyHeads(
  heads: readonly HeadRecording[],
  sequence: Sequence,
  { codec, spec }: Pick<MusicModel, 'codec' | 'spec'>,
): StudyHead[] {
  const { length } = sequence;
  const values = heads.map(likeliest);
  return heads.map((head, k) => {
    const { name, kind, size, nextLoss } = head;
    const targets = Array.from(sequence.targets[name]).slice(1);
    const surprise = Array.from({ length }, (_, note) => (note === 0 ? null : nextLoss[note - 1]));
    // Where an end is likeliest, no note was predicted.
    const predicted = Array.from({ length }, (_, note) =>
      note === 0 ? null : decode(codec, heads, values, note - 1, k),
    );
    return {
      name,
      kind,
      reads: [...(spec.heads[k].reads ?? [])],
      unit: kind === 'categorical' ? 'nats' : 'squared error',
      loss: targets.reduce((sum, _, step) => sum + nextLoss[step], 0) / Math.max(1, targets.length),
      baseline: kind === 'categorical' ? unigramBaseline(targets, size) : scalarBaseline(targets),
      surprise,
      predicted,
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

function decode(
  codec: Codec,
  heads: readonly HeadRecording[],
  values: readonly Float64Array[],
  step: number,
  head: number,
): number | null {
  const said = Object.fromEntries(heads.map(({ name }, k) => [name, values[k][step]])) as unknown as HeadValues;
  if (said.step === codec.endClass) return null;
  return codec.decodeNote(said)[heads[head].name as keyof HeadValues]!;
}
