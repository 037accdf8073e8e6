/** log Σ exp of `size` numbers from `at` on (all of them unless given), shifted by the largest so that nothing overflows. */
export function logSumExp(values: ArrayLike<number>, at = 0, size = values.length): number {
  let largest = -Infinity;
  for (let j = at; j < at + size; j++) largest = Math.max(largest, values[j]);
  let sum = 0;
  for (let j = at; j < at + size; j++) sum += Math.exp(values[j] - largest);
  return largest + Math.log(sum);
}
