import type { HeadValues } from '../midi/index.ts';
import type { HeadRecording } from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { rounded } from '../music/rounding.ts';
import type { StudyAlternatives } from './study-data.ts';

/** So many of the likeliest classes are told. */
const LIKELIEST = 4;
/** A note of which only one part is asked. */
const ANY: Required<HeadValues> = { pitch: 0, step: 0, duration: 0, velocity: 0 };

/**
 * What else a note could have been: the likeliest classes of every categorical head with their probabilities, for the notes `from` up
 * to, not including, `to`.
 * @param heads a recording of the whole song: step n - 1 speaks of note n
 * @param scale what the model's seconds are multiplied by
 */
export function alternativesOf(
  heads: readonly HeadRecording[],
  { codec }: Pick<MusicModel, 'codec'>,
  { from, to }: { from: number; to: number },
  scale = 1,
): StudyAlternatives[] {
  return heads.flatMap(({ name, size, probabilities }): StudyAlternatives[] => {
    if (!probabilities) return [];
    const unit = name === 'step' || name === 'duration' ? scale : 1;
    const meaning = Array.from({ length: size }, (_, chosen): number | null => {
      if (name === 'step' && chosen === codec.endClass) return null;
      return rounded(unit * codec.decodeNote({ ...ANY, [name]: chosen })[name as keyof HeadValues]!);
    });
    const notes = Array.from({ length: to - from }, (_, row): StudyAlternatives['notes'][number] => {
      const step = from + row - 1;
      if (step < 0) return [];
      const given = probabilities.subarray(step * size, (step + 1) * size);
      return likeliest(given, LIKELIEST).map((chosen) => [meaning[chosen], rounded(given[chosen], 3)]);
    });
    return [{ head: name, notes }];
  });
}

/** The places of the largest numbers, the largest first; the earlier of equals. */
export function likeliest(numbers: ArrayLike<number>, count: number): number[] {
  const places: number[] = [];
  for (let k = 0; k < numbers.length; k++) {
    if (places.length === count && !(numbers[k] > numbers[places[count - 1]])) continue;
    const at = places.findIndex((place) => numbers[k] > numbers[place]);
    places.splice(at < 0 ? places.length : at, 0, k);
    places.length = Math.min(count, places.length);
  }
  return places;
}
