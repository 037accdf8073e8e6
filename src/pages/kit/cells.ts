/** A number in words, which stands to the right in a table. */
export interface NumberCell {
  number: string;
  strong?: boolean | undefined;
  /** Whether it says a gain or a loss: its colour. */
  tone?: 'plus' | 'minus' | undefined;
}

export function isNumberCell(cell: unknown): cell is NumberCell {
  return typeof cell === 'object' && cell !== null && 'number' in cell;
}

/** Whether a column holds numbers, so that its title stands to the right too. */
export function isNumberColumn(rows: readonly (readonly unknown[])[], column: number): boolean {
  return rows.some((row) => isNumberCell(row[column]));
}

/** The class of a cell with a number. */
export function numberClass({ tone }: NumberCell): string {
  return tone === undefined ? 'number' : `number ${tone}`;
}

/** What more (of a cost, a loss, an effect) is, less is the other; nothing is neither. */
export function toneOf(value: number | null | undefined): NumberCell['tone'] {
  return value === null || value === undefined || value === 0 ? undefined : value > 0 ? 'plus' : 'minus';
}
