import { noteName, type Codec } from '../midi/index.ts';
import { GRID, PLACE_SECONDS } from '../midi/beats.ts';
import { velocitiesOfClass } from '../midi/codec/scale.ts';

/** What a class of one of a codec's inputs or heads stands for, in words: a key, seconds or beats, a place in the bar, or the end. */
export function className(codec: Codec, name: string, value: number): string {
  switch (name) {
    case 'pitch':
      return noteName(value);
    case 'pitchClass':
      return noteName(value).replace(/-?\d+$/, '');
    case 'step':
    case 'duration':
      return timeName(codec, name, value);
    case 'velocity':
      return velocitiesOfClass(value).join('–');
    case 'place':
      return placeName(value);
    case 'meter':
      return codec.spec.beats?.meters[value]?.join('/') ?? String(value);
    default:
      return String(value);
  }
}

function timeName(codec: Codec, name: 'step' | 'duration', value: number): string {
  if (name === 'step' && value === codec.endClass) return 'end';
  const seconds = codec.secondsOf(name, value);
  if (!codec.spec.beats) return `${Number(seconds.toPrecision(3))} s`;
  const [whole, part] = beatsOf(Math.round(seconds / PLACE_SECONDS));
  const count = [...(whole > 0 || part === '' ? [whole] : []), ...(part === '' ? [] : [part])].join(' ');
  return `${count} ${count === '1' || whole === 0 && part !== '' ? 'beat' : 'beats'}`; // prettier-ignore
}

/** A beat is a quarter here: where in a bar a note starts is read without its time signature. */
function placeName(place: number): string {
  const [whole, part] = beatsOf(place);
  return `beat ${whole + 1}${part === '' ? '' : ` + ${part}`}`;
}

/** Places of the grid as whole quarters, and the rest as a fraction in its lowest terms; '' for none. */
function beatsOf(places: number): [whole: number, part: string] {
  const rest = places % GRID;
  let [common, other] = [GRID, rest];
  while (other > 0) [common, other] = [other, common % other];
  return [Math.floor(places / GRID), rest === 0 ? '' : `${rest / common}/${GRID / common}`];
}
