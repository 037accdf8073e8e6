/** What one prediction rests on, by past note and by input. */
export interface SaliencyRow {
  /** Lags that are there: at most as many as there are notes before the predicted one. */
  lags: number;
  inputs: number;
  /** [lags * inputs]; lag 0 is the note just before. */
  cells: Float64Array;
  /** [lags]: the sum over the inputs. */
  byLag: Float64Array;
  /** [inputs]: the sum over the lags, and the sum of the sizes. */
  byInput: Float64Array;
  sizeByInput: Float64Array;
  /** The largest size of a cell, and of a past note. */
  largestCell: number;
  largestLag: number;
}

/** Row `row` of a table of saliency, [rows, lags * inputs] with NaN where the song had not begun; undefined where nothing is there. */
export function saliencyRow(
  values: Float32Array,
  columns: number,
  inputs: number,
  row: number,
): SaliencyRow | undefined {
  const cells = values.subarray(row * columns, (row + 1) * columns);
  let lags = 0;
  while ((lags + 1) * inputs <= columns && Number.isFinite(cells[lags * inputs])) lags++;
  return lags === 0 ? undefined : summarise(Float64Array.from(cells.subarray(0, lags * inputs)), lags, inputs);
}

/** The same of a table [lags][inputs], as integrated gradients come. */
export function saliencyOfLags(table: readonly (readonly number[])[]): SaliencyRow | undefined {
  if (table.length === 0) return undefined;
  return summarise(Float64Array.from(table.flat()), table.length, table[0].length);
}

function summarise(cells: Float64Array, lags: number, inputs: number): SaliencyRow {
  const byLag = new Float64Array(lags);
  const byInput = new Float64Array(inputs);
  const sizeByInput = new Float64Array(inputs);
  cells.forEach((value, k) => {
    byLag[Math.floor(k / inputs)] += value;
    byInput[k % inputs] += value;
    sizeByInput[k % inputs] += Math.abs(value);
  });
  return {
    lags,
    inputs,
    cells,
    byLag,
    byInput,
    sizeByInput,
    largestCell: largestSize(cells),
    largestLag: largestSize(byLag),
  };
}

function largestSize(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** The lags with the largest sums, by size, at most `count`. */
export function strongestLags({ byLag }: SaliencyRow, count: number): number[] {
  return Array.from(byLag.keys())
    .filter((lag) => byLag[lag] !== 0)
    .sort((a, b) => Math.abs(byLag[b]) - Math.abs(byLag[a]))
    .slice(0, count);
}
