import { opens } from '../../../../nn/cells/kinds.ts';
import type { Quantity } from '../../../../study/study-data.ts';
import { element } from '../../../kit/browser/elements.ts';
import type { Track } from '../../../kit/browser/timeline.ts';
import { heatTrack, type HeatRows } from '../../../kit/browser/tracks/heat.ts';
import { QUANTITY_NAMES } from '../../../../study/quantity-names.ts';
import { figure } from '../../figures/words.ts';
import type { Store } from '../store.ts';
import type { Heat, Study } from '../study.ts';

/** A quantity of all units of the chosen layer: a row a unit, those alike together, a column a note. */
export function quantityTrack(study: Study, store: Store, quantity: Quantity): Track {
  const { symbol, name } = QUANTITY_NAMES[quantity];
  const heat = (): Heat | undefined => study.heat(store.state.layer, quantity);
  const overview = (): Heat | undefined => study.overview(store.state.layer, quantity);
  const layer = (): number => study.data.layers[store.state.layer].layer;
  // The rows of a layer are the same object until another is looked at: its picture is drawn once.
  let [from, rows]: [Heat | undefined, HeatRows | undefined] = [undefined, undefined];
  const shown = (): HeatRows | undefined => {
    const now = heat();
    if (now === from) return rows;
    from = now;
    rows = now && { ...now, ends: [figure(now.low, 2), figure(now.high, 2)] };
    return rows;
  };
  return heatTrack({
    label: `Heat map of the ${name} of all units. Arrow keys up and down choose a unit, left and right a note.`,
    title: element('span', {}, element('strong', {}, symbol), ` ${name}`),
    heat: shown,
    coarse({ axis }) {
      const means = overview();
      return means && { heat: means, axis: study.coarse(axis.kind) };
    },
    absent: `The ${name} of this layer is not in this study; see what was left out.`,
    ramp: ({ sequential, diverging }) => (opens(quantity) ? sequential : diverging),
    chosen() {
      const { unit } = store.state;
      return unit?.layer === layer() ? (heat()?.units.indexOf(unit.unit) ?? -1) : -1;
    },
    choose(row, note = store.state.note) {
      store.update({ note, unit: { layer: layer(), unit: heat()!.units[row] } });
    },
    describe(row, note) {
      const { values, columns, rows: order, firstNote, units } = heat()!;
      const column = note - firstNote;
      const inside = column >= 0 && column < columns;
      const value = inside ? figure(values[order[row] * columns + column]) : coarsely(study, overview(), row, note);
      const unit = study.unitName({ layer: layer(), unit: units[row] });
      return `${unit}\n${symbol} = ${value}\nafter ${study.noteName(note)} at ${figure(study.data.song.start[note], 4)} s`;
    },
  });
}

/** What is known of a note that is not told one by one. */
function coarsely({ notesPerColumn, notes }: Study, overview: Heat | undefined, row: number, note: number): string {
  if (!overview) return 'not in this study';
  const column = Math.floor(note / notesPerColumn);
  const [first, end] = [column * notesPerColumn, Math.min(notes, (column + 1) * notesPerColumn)];
  return `${figure(overview.values[overview.rows[row] * overview.columns + column])}, the average of ${end - first} notes`;
}
