import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseNotation, performScore, type Performance, type Score } from '../../src/midi/notation/index.ts';

/** A piece of the songbook; tests and scripts run in the root of the repository. */
export function songbookScore(name: string): Score {
  return parseNotation(readFileSync(resolve('data/songbook', `${name}.txt`), 'utf8'));
}

/** The same as it is played. */
export function songbookPiece(name: string): Performance {
  return performScore(songbookScore(name));
}
