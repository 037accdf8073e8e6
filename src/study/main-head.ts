/** Of which head one asks first: the pitch, wherever it stands in the order of drawing; else the first. */
export function mainHead(heads: readonly { name: string }[]): number {
  return Math.max(
    0,
    heads.findIndex(({ name }) => name === 'pitch'),
  );
}
