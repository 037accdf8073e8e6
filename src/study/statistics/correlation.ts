/** Pearson's r of two standardised series. */
export function dotCorrelation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[k] * b[k];
  return n > 0 ? sum / n : 0;
}

/** Pearson's correlation of every two columns of a row-major [rows, width] table of standardised columns: [width, width]. */
export function correlationMatrix(columns: readonly Float64Array[]): Float64Array {
  const width = columns.length;
  const matrix = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = a; b < width; b++) {
      const r = dotCorrelation(columns[a], columns[b]);
      matrix[a * width + b] = r;
      matrix[b * width + a] = r;
    }
  }
  return matrix;
}
