/** How the lesson writes numbers, and nothing else: few enough digits that no machine's rounding shows. */

/** `digits` behind the point; never "-0.00". */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

/** As many digits as say `digits` significant ones, with an exponent only where it is shorter to read. */
export function significant(value: number, digits: number): string {
  const magnitude = Math.abs(value);
  if (value === 0) return '0';
  if (magnitude < 1e-4 || magnitude >= 1e6) return value.toExponential(digits - 1);
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(magnitude))));
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

/** A count with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Lines of columns, each as wide as its widest cell, right-aligned but for the first. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows
    .map((row) =>
      row
        .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A table in Markdown; the first column is aligned to the left, the others to the right. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), `|---|${'---:|'.repeat(titles.length - 1)}`, ...rows.map(line)].join('\n');
}

/** A block of code in Markdown. */
export function fenced(text: string, language = 'text'): string {
  return ['```' + language, text, '```'].join('\n');
}
