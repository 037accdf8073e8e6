import type { StudyData } from '../../../study/study-data.ts';
import { headName } from '../../../music/head-words.ts';
import { clock, figure, keyName, predictedText } from './words.ts';

/** What a note is, and what the network made of it, in a sentence for a screen reader. */
export function noteAnnouncement({ song, heads }: StudyData, note: number, head: number): string {
  if (note < 0 || note >= song.notes) return 'No note is chosen.';
  const what = `Note ${note + 1} of ${song.notes}: ${keyName(song.pitch[note])} at ${clock(song.start[note])}.`;
  const asked = heads.at(head);
  const surprise = asked?.surprise[note];
  if (asked === undefined || surprise === null || surprise === undefined) return `${what} Nothing predicted it.`;
  return `${what} Surprise of ${headName(asked.name)} ${figure(surprise)}, predicted ${predictedText(asked, note)}.`;
}
