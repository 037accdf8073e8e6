import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../src/errors.ts';
import { parseNotation, performScore, type Performance, type Score } from '../src/midi/notation/index.ts';
import { writeMidi } from '../src/midi/write.ts';

/** A piece of the songbook: NAME.txt, and what NAME.mid has to be. */
export interface SongbookPiece {
  name: string;
  score: Score;
  performance: Performance;
  midi: Uint8Array;
}

const TABLE_START = '<!-- the table is written by `npm run songbook` -->';
const TABLE_END = '<!-- end of the table -->';

/** Every .txt of a folder, compiled, in order of name. @throws Error naming the file of the first text with a mistake */
export function compileSongbook(folder: string): SongbookPiece[] {
  const names = readdirSync(folder).filter((file) => file.endsWith('.txt'));
  return names.sort().map((file) => {
    try {
      const score = parseNotation(readFileSync(join(folder, file), 'utf8'));
      const performance = performScore(score);
      const midi = writeMidi(performance.instruments, performance.options);
      return { name: file.slice(0, -'.txt'.length), score, performance, midi };
    } catch (thrown) {
      throw new Error(`${join(folder, file)}: ${messageOf(thrown)}`, { cause: thrown });
    }
  });
}

/** The README with the table of pieces between its two marks brought up to date. */
export function withTable(readme: string, pieces: SongbookPiece[]): string {
  const [before, rest] = readme.split(TABLE_START);
  const [, after] = (rest ?? '').split(TABLE_END);
  if (after === undefined) throw new Error(`the README lacks the marks ${TABLE_START} and ${TABLE_END}`);
  return `${before}${TABLE_START}\n\n${table(pieces)}\n\n${TABLE_END}${after}`;
}

function table(pieces: SongbookPiece[]): string {
  const rows = pieces.map(({ name, score: { header }, performance }) => {
    const notes = performance.instruments[0].notes.length;
    const composer = header.lived ? `${header.composer} (${header.lived})` : header.composer;
    return [
      `[${name}](${name}.txt)`,
      header.title,
      composer,
      header.year ?? '',
      String(notes),
      clock(performance.seconds),
    ];
  });
  const total = pieces.reduce((sum, { performance }) => sum + performance.instruments[0].notes.length, 0);
  const seconds = pieces.reduce((sum, { performance }) => sum + performance.seconds, 0);
  rows.push(['', `**${pieces.length} pieces**`, '', '', `**${total}**`, `**${clock(seconds)}**`]);
  const head = ['file', 'piece', 'composer', 'year', 'notes', 'min:s'];
  const rule = ['---', '---', '---', '---:', '---:', '---:'];
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
