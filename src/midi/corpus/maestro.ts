import Papa from 'papaparse';

import { DataError } from '../../errors.ts';
import type { SplitName } from './types.ts';

/** One line of MAESTRO's CSV, as far as it concerns the MIDI. */
export interface MaestroEntry {
  /** Relative to the CSV, with `/` between folders. */
  file: string;
  split: SplitName;
  /** Composer and title. */
  name: string;
}

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/** Whether a file of this name makes its folder a MAESTRO folder. */
export function isMaestroCsv(fileName: string): boolean {
  return /^maestro-.*\.csv$/i.test(fileName);
}

/**
 * The entries of a MAESTRO CSV (v1 to v3): its columns are found by their names, `midi_filename` and `split` are
 * needed. A line whose split is unknown, or whose file would lie outside the folder, is an error: the file is not
 * what it says it is, and a guessed split would let validation pieces into the training.
 * @param name What messages call the file.
 * @throws DataError naming the line.
 */
export function parseMaestroCsv(text: string, name: string): MaestroEntry[] {
  const rows = readRows(text, name);
  if (rows.length === 0) throw new DataError(`${name}: lists no files.`);
  return rows.map((row, index) => {
    const file = row.midi_filename;
    const split = SPLITS.find((candidate) => candidate === row.split);
    // The header is line 1.
    const where = `${name}, entry ${index + 1}`;
    if (file === undefined || row.split === undefined) {
      throw new DataError(
        `${where}: expected the columns midi_filename and split, got ${Object.keys(row).join(', ')}.`,
      );
    }
    if (split === undefined) {
      throw new DataError(`${where}: expected the split to be ${SPLITS.join(', ')}, got "${row.split}".`);
    }
    if (!staysInside(file)) throw new DataError(`${where}: "${file}" is no path inside the data set's folder.`);
    return { file, split, name: pieceName(row, file) };
  });
}

function readRows(text: string, name: string): Record<string, string | undefined>[] {
  const trim = (field: string): string => field.trim();
  const { data, errors } = Papa.parse<Record<string, string | undefined>>(text, {
    delimiter: ',',
    header: true,
    skipEmptyLines: 'greedy',
    transformHeader: trim,
    transform: trim,
  });
  if (errors.length > 0) {
    const [{ message, row }] = errors;
    // Counted from 0, without the header.
    throw new DataError(
      `${name}: cannot be read as CSV: ${message}${row === undefined ? '' : `, in entry ${row + 1}`}.`,
    );
  }
  return data;
}

function staysInside(file: string): boolean {
  if (file === '' || file.startsWith('/') || /[\\\0]|^[a-z]:/i.test(file)) return false;
  return !file.split('/').includes('..');
}

function pieceName(row: Record<string, string | undefined>, file: string): string {
  const parts = [row.canonical_composer, row.canonical_title].filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(': ') : file.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}
