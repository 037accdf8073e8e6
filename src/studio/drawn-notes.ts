import type { DrawnNews } from './protocol.ts';

/**
 * Takes a note that was just drawn among those before it: it ends the one that held its key, and takes the place of one that
 * struck the same key at the same time. Changes `drawn`, and the notes in it.
 */
export function addDrawn(drawn: DrawnNews[], news: DrawnNews): void {
  if (news.cut !== undefined) drawn[news.cut].note.end = news.note.start;
  drawn[news.index] = news;
}
