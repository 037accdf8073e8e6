import type { Codec, HeadValues } from '../midi/index.ts';
import type { HeadRecording, HeadSpec, Sequence } from '../nn/index.ts';
import { scalarBaseline, unigramBaseline } from '../music/baseline.ts';
import { costsOf, type HeadFrequencies } from '../music/evaluation/frequencies.ts';
import { guessOf, standingOf, type Standing } from '../music/evaluation/standing.ts';
import type { MusicModel } from '../music/music-model.ts';
import { errorOfMean, meanOf } from './statistics/means.ts';
import type { StudyHead } from './study-data.ts';

/**
 * What each head said about each note, and what it cost: entry n is about note n, said by the step before it.
 * @param heads a recording of the whole song
 * @param scale what the model's seconds are multiplied by
 */
export function studyHeads(
  heads: readonly HeadRecording[],
  sequence: Sequence,
  { codec, spec, frequencies }: Pick<MusicModel, 'codec' | 'spec' | 'frequencies'>,
  scale = 1,
): StudyHead[] {
  const { length } = sequence;
  return heads.map((head, k) => {
    const { name, size, nextLoss } = head;
    const kind = head.kind === 'categorical' ? head.kind : 'scalar';
    const targets = Array.from(sequence.targets[name]).slice(1);
    const songBaseline = kind === 'categorical' ? unigramBaseline(targets, size) : scalarBaseline(targets);
    const losses = nextLoss.subarray(0, targets.length);
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
      loss: meanOf(losses),
      ...besideBaseline(spec.heads[k], losses, songBaseline, frequencies && { known: frequencies[name], targets }),
      songBaseline,
      surprise,
      worst: worstOf(losses, frequencies && costsOf(frequencies[name], targets)),
      predicted,
      ...(ends.length > 0 && { ends }),
    };
  });
}

type Standings = Pick<StudyHead, 'baseline' | 'baselineFrom' | 'guess' | 'standing'>;

/** How losses stand beside those of the frequencies of the training pieces, or where these are not known of the song's own. */
function besideBaseline(
  head: HeadSpec,
  losses: ArrayLike<number>,
  songBaseline: number,
  training?: { known: HeadFrequencies; targets: readonly number[] },
): Standings {
  const costs = training && [...costsOf(training.known, training.targets)];
  const baseline = costs ? meanOf(costs) : songBaseline;
  const error = costs ? errorOfMean(costs.map((cost, k) => cost - losses[k])) : 0;
  const unit = head.kind === 'categorical' ? 'nats' : 'squared error';
  const compared = { loss: meanOf(losses), baseline, unit, ...guessOf(head) } as const;
  // The baseline is a number: it is never unknown.
  const standing = standingOf(compared, error) as Exclude<Standing, 'unknown'>;
  return { baseline, baselineFrom: costs ? 'training' : 'song', ...guessOf(head), standing };
}

/** The note of the largest loss. @param costs of the baseline */
function worstOf(losses: ArrayLike<number>, costs: Iterable<number> | undefined): StudyHead['worst'] {
  const step = Array.from(losses).reduce((most, loss, k) => (loss > losses[most] ? k : most), 0);
  if (losses.length === 0) return null;
  return { note: step + 1, surprise: losses[step], baseline: costs ? [...costs][step] : null };
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
