import { statesOf, type LayerActivity } from './correlations.ts';
import type { Label } from './labels.ts';
import { columnOf, standardise } from './statistics/moments.ts';
import type { StudyControlFigures } from './study-data.ts';

/**
 * For each label the strongest correlation of any unit's output or cell with it over the first notes, by size: Pearson's |r|, or for
 * classes η. As `correlateUnits` has them, without its test.
 */
export function strongestCorrelations(
  layers: readonly LayerActivity[],
  labels: readonly Label[],
  notes: number,
): StudyControlFigures['correlations'] {
  const strongest = labels.map((label) => ({ with: label.name, value: 0 }));
  const measures = labels.map((label) => measureOf(label, notes));
  for (const layer of layers) {
    for (let unit = 0; unit < layer.size; unit++) {
      for (const values of statesOf(layer)) {
        const series = standardise(columnOf(values, layer.size, unit).subarray(0, notes));
        measures.forEach((measure, k) => {
          strongest[k].value = Math.max(strongest[k].value, measure(series));
        });
      }
    }
  }
  return strongest;
}

/** How closely a standardised series follows a label. */
function measureOf(label: Label, notes: number): (series: ArrayLike<number>) => number {
  if (label.kind === 'number') {
    const values = standardise(label.values.subarray(0, notes));
    return (series) => Math.abs(values.reduce((sum, value, note) => sum + value * series[note], 0)) / notes;
  }
  const groups = label.groups.subarray(0, notes);
  const sizes = new Float64Array(label.names.length);
  for (const group of groups) sizes[group]++;
  return (series) => {
    const sums = new Float64Array(sizes.length);
    groups.forEach((group, note) => {
      sums[group] += series[note];
    });
    const explained = sums.reduce((sum, value, group) => (sizes[group] > 0 ? sum + value ** 2 / sizes[group] : sum), 0);
    return Math.sqrt(Math.min(1, explained / notes));
  };
}
