import { noteName } from '../../midi/note-names.ts';
import { percent } from '../../text/numbers.ts';
import { counted, formatSeconds } from '../../text/words.ts';
import type { Drawn, DrawnNews } from './protocol.ts';

/**
 * Takes a note that was just drawn among those before it: it ends the one that held its key, and takes the place of one that
 * struck the same key at the same time. Changes `drawn`, and the notes in it.
 */
export function addDrawn(drawn: DrawnNews[], news: DrawnNews): void {
  if (news.cut !== undefined) drawn[news.cut].note.end = news.note.start;
  drawn[news.index] = news;
}

/** Whether a note is a copy: more than half of its probability came from the memory. */
export function isCopy({ origin }: Pick<DrawnNews, 'origin'>): boolean {
  return origin !== undefined && origin.share > 0.5;
}

/** One note of the drawn ones in words, with where it came from if it is a copy. */
export function describeDrawn(drawn: readonly DrawnNews[], index: number): string {
  const { note, probability, total, origin } = drawn[index];
  const seconds = (note.end - note.start).toFixed(2);
  const of = Number.isFinite(total) ? ` of ${total}` : '';
  const text = `Note ${index + 1}${of}: ${noteName(note.pitch)}, ${seconds} s, sampled with probability ${percent(probability)}`;
  if (!origin || !isCopy({ origin })) return text;
  const place =
    origin.among === 'primer'
      ? `the primer, note ${origin.note + 1}`
      : `note ${origin.note + 1}, ${noteName(drawn[origin.note].note.pitch)}`;
  const how = origin.transposed ? ', transposed' : '';
  return `${text}; copied from ${place}${how} (${percent(origin.share)} of the probability is from the memory)`;
}

/** How music came to its end, in a sentence; '' where it has as many notes as were asked for. */
export function describeEnd({ notes, ended }: Pick<Drawn, 'notes' | 'ended'>): string {
  const seconds = formatSeconds(notes.reduce((latest, { end }) => Math.max(latest, end), 0));
  const length = `${counted(notes.length, 'note')}, ${seconds}`;
  if (ended === 'end') return `The network ended the piece: ${length}.`;
  if (ended === 'limit') return `The network did not end the piece, which stops after ${length}.`;
  if (ended === 'seconds') return `Time is up: ${length}.`;
  if (ended === 'stuck') return `It stopped at ${length}: the network keeps striking the same keys at the same time. Another seed, or more training, may help.`; // prettier-ignore
  return '';
}
