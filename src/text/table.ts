/** A column of a table for people. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** At least so wide: for rows that are printed one by one. */
  width?: number;
}

/** A column of numbers, at least `width` characters wide. */
export function figure(title: string, width = 0): Column {
  return { title, align: 'right', width };
}

/** A column of words, as wide as the longest that is likely to stand in it. */
export function words(title: string, width: number): Column {
  return { title, width };
}

/**
 * Lays out rows under titles, two spaces between the columns, each as wide as its widest cell.
 * @param style applied to the title line when it is laid out
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: (line: string) => string = String,
): string {
  const widths = columns.map(({ title }, c) => rows.reduce((most, row) => Math.max(most, row[c].length), title.length));
  const wide = columns.map((column, c) => ({ ...column, width: widths[c] }));
  const line = (cells: readonly string[]): string => formatTableLine(wide, cells);
  return [style(line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n');
}

/** One line of a table whose columns are as wide as their titles, or as their `width`. */
export function formatTableLine(columns: readonly Column[], cells: readonly string[]): string {
  return cells
    .map((cell, c) => {
      const { title, align, width = 0 } = columns[c];
      const least = Math.max(title.length, width);
      return align === 'right' ? cell.padStart(least) : cell.padEnd(least);
    })
    .join('  ')
    .trimEnd();
}

/** Control characters spelt out: a name from a file must not command a terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A word as it would be typed in a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
