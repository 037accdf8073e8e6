import { noteName } from '../../midi/index.ts';
import type { MusicAnalysis } from '../../music/index.ts';
import { formatTable } from '../../text/table.ts';
import { clock } from '../../text/words.ts';

/** The figures of several pieces as a table for people. */
export function describePieces(
  pieces: readonly { out: string; seed: number; analysis: MusicAnalysis }[],
  style: (line: string) => string,
): string {
  const columns = [
    { title: 'File' },
    ...['Seed', 'Notes', 'Length', 'Range', 'Repeats', 'Notes/s'].map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = pieces.map(({ out, seed, analysis }) => {
    const { notes, seconds, lowest, highest, repetition, density } = analysis;
    const range = lowest === null || highest === null ? '–' : `${noteName(lowest)}–${noteName(highest)}`;
    const share = `${(100 * repetition).toFixed(0)} %`;
    return [out, String(seed), String(notes), clock(seconds), range, share, density.toFixed(1)];
  });
  return formatTable(columns, rows, style);
}
