import { opens, type Gate } from '../nn/index.ts';
import { mapColumns, momentsOf } from './statistics/moments.ts';
import type { StudySaturation, StudyUnit } from './study-data.ts';

/** What a layer did, [steps * size] each; a recording of a layer is one. */
export interface CellActivity {
  size: number;
  gates: Partial<Record<Gate, ArrayLike<number>>>;
  c?: ArrayLike<number>;
  h: ArrayLike<number>;
}

/** What one look at a unit's activity tells. */
export type UnitFigures = Pick<StudyUnit, 'saturation' | 'h' | 'c' | 'dead' | 'alwaysOn' | 'top'>;

/** A gate is nearly shut below the first and nearly open above the second (Karpathy et al. 2015). */
const SHUT = 0.1;
const OPEN = 0.9;
/** An output that never exceeds this moves no head: its weights would have to be huge. */
const SILENT = 0.01;
/** A constant voice: of one sign, never below this part of its largest size. */
const STEADY = 0.5;
const TOP_NOTES = 5;

/** Saturation, ranges, idleness and the notes that move it most, for each unit of a layer. */
export function unitFigures({ size, gates, c, h }: CellActivity): UnitFigures[] {
  const saturations = Object.entries(gates).map(([name, activation]) => {
    const shut = opens(name) ? SHUT : -OPEN;
    return [name, mapColumns(activation, size, (values) => saturationOf(values, shut))] as const;
  });
  const cells = c && mapColumns(c, size, momentsOf);
  const outputs = mapColumns(h, size, (values) => ({ ...voiceOf(values), top: topNotes(values, TOP_NOTES) }));
  return outputs.map((output, unit) => ({
    saturation: Object.fromEntries(saturations.map(([name, units]) => [name, units[unit]])),
    ...(cells && { c: cells[unit] }),
    ...output,
  }));
}

/** The range of an output, and whether it says anything. */
function voiceOf(outputs: Float64Array): Pick<UnitFigures, 'h' | 'dead' | 'alwaysOn'> {
  const range = momentsOf(outputs);
  const largest = Math.max(Math.abs(range.min), Math.abs(range.max));
  const dead = largest < SILENT;
  const oneSign = range.min > 0 || range.max < 0;
  const least = Math.min(Math.abs(range.min), Math.abs(range.max));
  return { h: range, dead, alwaysOn: !dead && oneSign && least >= STEADY * largest };
}

function saturationOf(values: Float64Array, shut: number): StudySaturation {
  let low = 0;
  let high = 0;
  for (const value of values) {
    if (value < shut) low++;
    else if (value > OPEN) high++;
  }
  const n = Math.max(1, values.length);
  return { low: low / n, high: high / n, mean: momentsOf(values).mean };
}

/** The steps at which the output is largest in size, the largest first; the earlier of equals. */
function topNotes(outputs: Float64Array, count: number): { note: number; h: number }[] {
  const top: { note: number; h: number }[] = [];
  outputs.forEach((h, note) => {
    if (top.length === count && Math.abs(h) <= Math.abs(top[count - 1].h)) return;
    const place = top.findIndex((other) => Math.abs(h) > Math.abs(other.h));
    top.splice(place < 0 ? top.length : place, 0, { note, h });
    if (top.length > count) top.pop();
  });
  return top;
}
