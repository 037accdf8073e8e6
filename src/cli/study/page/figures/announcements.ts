import type { StudyData } from '../../../../music/study/study-data.ts';
import { clock, figure, keyName, predictedText } from './words.ts';

/** What a note is, and what the network made of it, in a sentence for a screen reader. */
export function noteAnnouncement({ song, heads }: StudyData, note: number, head: number): string {
  if (note < 0 || note >= song.notes) return 'No note is chosen.';
  const { name, surprise, predicted } = heads[head] ?? {};
  const what = `Note ${note} of ${song.notes}: ${keyName(song.pitch[note])} at ${clock(song.start[note])}.`;
  if (name === undefined || surprise?.[note] === null || surprise?.[note] === undefined)
    return `${what} Nothing predicted it.`;
  return `${what} Surprise of ${name} ${figure(surprise[note])}, predicted ${predictedText(name, predicted?.[note])}.`;
}
