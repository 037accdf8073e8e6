import { noteName } from '../../midi/note-names.ts';
import { decimals, digits, percent } from '../../text/numbers.ts';
import { element } from '../kit/browser/elements.ts';
import { lineKey, trackHead } from '../kit/browser/legend.ts';
import type { Track } from '../kit/browser/timeline.ts';
import { barsTrack } from '../kit/browser/tracks/bars.ts';
import { heatTrack } from '../kit/browser/tracks/heat.ts';
import { linesTrack, type Line } from '../kit/browser/tracks/lines.ts';
import { rollTrack } from '../kit/browser/tracks/roll.ts';
import { rulerTrack } from '../kit/browser/tracks/ruler.ts';
import { unitColumns, type UnitColumns } from './unit-columns.ts';
import { opens, type CellKind } from '../../nn/cells/kinds.ts';
import { quantityName, shownQuantities, type PhraseView, type ShownQuantity } from './phrase.ts';

/** What the tracks show: the network over a phrase, and what of it is chosen. */
export interface Shown {
  view: PhraseView;
  quantity: ShownQuantity;
  unit: number;
}

/** How the lines of a unit are told apart: the gates and its output on one axis, its cell on another. */
const LINES: Readonly<Record<ShownQuantity, Omit<Line, 'values'>>> = {
  i: { series: 2 },
  f: { series: 4 },
  g: { series: 5, dashed: true },
  o: { series: 3 },
  r: { series: 2 },
  z: { series: 4 },
  n: { series: 5, dashed: true },
  h: { series: 0, thick: true },
  c: { series: 1, thick: true },
};

/** The tracks of the network over a phrase, on one axis of its notes. `choose` takes a unit, and a note where one is meant too. */
export function phraseTracks(shown: () => Shown, choose: (unit: number, note?: number) => void): Track[] {
  const columns = new ColumnCache();
  const first = (): number => shown().view.choice.from + 1;
  const nameOf = (note: number): string => `note ${first() + note}, ${noteName(shown().view.pitch[note])}`;
  return [
    rollTrack({
      label: 'Piano roll of the phrase. Arrow keys left and right choose a note, plus and minus zoom, 0 shows all.',
      head: trackHead(element('strong', {}, 'The phrase'), element('span', {}, 'a column for each note')),
      notes: () => shown().view,
      describe: (note) =>
        `${nameOf(note)}\n${decimals(shown().view.duration[note], 2)} s long\n${predictionOf(shown().view, note)}`,
    }),
    rulerTrack(first),
    barsTrack({
      label: 'Surprise at each note, as bars.',
      head: trackHead(element('strong', {}, 'Surprise'), element('span', {}, 'at each note, −log p in nats')),
      bars: () => ({ values: shown().view.surprise }),
      text: digits,
      describe: (note) => `${nameOf(note)}\n${predictionOf(shown().view, note)}`,
    }),
    gradientTrack(shown, nameOf),
    unitsTrack(shown, columns, nameOf, choose),
    unitTrack(shown, columns, nameOf),
  ];
}

/** What the network thought of a note before it came. */
export function predictionOf({ surprise, probability, given }: PhraseView, note: number): string {
  if (!Number.isFinite(surprise[note])) return 'the first that it hears';
  const told = given.length === 0 ? '' : ` given its ${given.join(', ')}`;
  return `its pitch expected${told} with probability ${percent(probability[note])} (surprise ${decimals(surprise[note], 2)} nats)`;
}

function gradientTrack(shown: () => Shown, nameOf: (note: number) => string): Track {
  return linesTrack({
    label: 'Norm of the gradient at each note.',
    head: trackHead(
      element('strong', {}, 'Gradient through time'),
      lineKey(0, 'norm of dL/dh, logarithmic'),
      lineKey(0, 'norm of dL/dc, where there is a cell', 1),
    ),
    first: () => 0,
    strips() {
      const { gradientH, gradientC } = shown().view;
      const lines: Line[] = [{ values: gradientH, series: 0 }];
      if (gradientC) lines.push({ values: gradientC, series: 0, dashed: true });
      return [{ lines, scale: 'logarithmic', height: 68 }];
    },
    describe(note) {
      const { gradientH, gradientC } = shown().view;
      const ofCell = gradientC ? `, |dL/dc| = ${digits(gradientC[note])}` : '';
      return `${nameOf(note)}\n|dL/dh| = ${digits(gradientH[note])}${ofCell}`;
    },
  });
}

function unitsTrack(
  shown: () => Shown,
  columns: ColumnCache,
  nameOf: (note: number) => string,
  choose: (unit: number, note?: number) => void,
): Track {
  const title = element('strong');
  return heatTrack({
    label: 'Heat map of all units. Arrow keys up and down choose a unit, left and right a note.',
    title,
    heat() {
      const made = columns.of(shown());
      const text = `All units: ${quantityName(shown().quantity)}`;
      if (title.textContent !== text) title.textContent = text;
      return made;
    },
    absent: '',
    ramp: ({ sequential, diverging }) => (opens(shown().quantity) ? sequential : diverging),
    chosen: () => shown().unit,
    choose,
    describe(row, note) {
      const { quantity, view } = shown();
      return `unit ${row + 1}\n${quantity} = ${decimals(view.values[quantity]![note * view.units + row])}\nafter ${nameOf(note)}`;
    },
  });
}

function unitTrack(shown: () => Shown, columns: ColumnCache, nameOf: (note: number) => string): Track {
  const title = element('strong');
  const keys = element('span', { class: 'group' });
  let keyed: CellKind | undefined;
  const showKeys = (cell: CellKind): void => {
    if (cell === keyed) return;
    keyed = cell;
    keys.replaceChildren(
      ...shownQuantities(cell).map((name) =>
        lineKey(LINES[name].series, quantityName(name), LINES[name].dashed ? 1 : 0),
      ),
    );
  };
  return linesTrack({
    label: 'What the chosen unit does.',
    head: trackHead(title, keys),
    first: () => 0,
    strips() {
      const { view, unit } = shown();
      const text = `Unit ${unit + 1}`;
      if (title.textContent !== text) title.textContent = text;
      showKeys(view.cell);
      const linesOf = (names: readonly ShownQuantity[]): Line[] =>
        names.map((name) => ({ ...LINES[name], values: columns.trace(view, name, unit) }));
      const names = shownQuantities(view.cell);
      // The cell has no bounds, and beside it all else would be a flat line.
      const [bounded, cell] = [names.filter((name) => name !== 'c'), names.filter((name) => name === 'c')];
      return [
        { lines: linesOf(bounded), scale: 'symmetric', height: 92 },
        ...(cell.length > 0 ? [{ lines: linesOf(cell), scale: 'symmetric' as const, height: 64 }] : []),
      ];
    },
    describe(note) {
      const { view, unit } = shown();
      const values = shownQuantities(view.cell).map(
        (name) => `${name} = ${decimals(view.values[name]![note * view.units + unit])}`,
      );
      return `unit ${unit + 1} after ${nameOf(note)}\n${values.join('   ')}`;
    },
  });
}

/** What is drawn of a view, made once: the network is looked at many times a second, and drawn as often as the pointer moves. */
class ColumnCache {
  #view?: PhraseView;
  #heat = new Map<ShownQuantity, UnitColumns>();
  #traces = new Map<string, Float32Array>();

  of({ view, quantity }: Shown): UnitColumns {
    this.#forget(view);
    let made = this.#heat.get(quantity);
    if (!made) this.#heat.set(quantity, (made = unitColumns(view, quantity)));
    return made;
  }

  trace(view: PhraseView, quantity: ShownQuantity, unit: number): Float32Array {
    this.#forget(view);
    const key = `${quantity} ${unit}`;
    let made = this.#traces.get(key);
    if (!made) {
      made = Float32Array.from(view.pitch, (_, note) => view.values[quantity]![note * view.units + unit]);
      this.#traces.set(key, made);
    }
    return made;
  }

  #forget(view: PhraseView): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#heat.clear();
    this.#traces.clear();
  }
}
