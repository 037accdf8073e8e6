import { opens, quantitiesOf } from '../../../nn/cells/kinds.ts';
import { dequantise } from '../../../study/byte-matrix.ts';
import type {
  Quantity,
  StudyAblationRow,
  StudyAlternatives,
  StudyData,
  StudyDetail,
  StudyIntegrated,
  StudyUnit,
} from '../../../study/study-data.ts';
import { noteAnnouncement } from '../figures/announcements.ts';
import { saliencyRow, type SaliencyRow } from '../figures/saliency-row.ts';
import { coarseAxis, type ColumnAxis } from '../../kit/coarse-axis.ts';
import { TimeAxis, type AxisKind } from '../../kit/time-axis.ts';
import { colourLevels, type HeatValues } from '../../kit/heat-image.ts';
import { heatRows, unitKey, unitName, type UnitId } from '../figures/unit-lists.ts';
import { keyName } from '../figures/words.ts';

/** A heat map: its numbers, their places on the colour scale, and the units of its drawn rows. */
export interface Heat extends HeatValues {
  levels: Uint16Array;
  units: number[];
  /** The numbers of these units as people count. */
  names: string[];
}

/** A study with its tables unpacked when they are first looked at. */
export class Study {
  readonly data: StudyData;
  readonly served: boolean;
  readonly #axes: Record<AxisKind, TimeAxis>;
  readonly #heat = new Map<string, Heat | undefined>();
  readonly #overviews = new Map<string, Heat | undefined>();
  readonly #coarse = new Map<AxisKind, ColumnAxis>();
  readonly #saliency = new Map<number, Float32Array>();
  readonly #units: Map<string, StudyUnit>;

  /** @param served whether a server can tell the details of other notes */
  constructor(data: StudyData, served = false) {
    this.data = data;
    this.served = served;
    this.#axes = { seconds: new TimeAxis('seconds', data.song), notes: new TimeAxis('notes', data.song) };
    this.#units = new Map(data.units.map((unit) => [unitKey(unit), unit]));
  }

  get notes(): number {
    return this.data.song.notes;
  }

  axis(kind: AxisKind): TimeAxis {
    return this.#axes[kind];
  }

  unit(id: UnitId | null): StudyUnit | undefined {
    return id === null ? undefined : this.#units.get(unitKey(id));
  }

  unitName(id: UnitId): string {
    return unitName(id, this.data.model.layers);
  }

  /** What is known of a unit at each note, in the order of its computation. */
  get quantities(): Quantity[] {
    return quantitiesOf(this.data.model.cell);
  }

  /** `note 43, D4`, counted from 1. */
  noteName(note: number): string {
    return `note ${note + 1}, ${keyName(this.data.song.pitch[note])}`;
  }

  announce(note: number, head: number): string {
    return noteAnnouncement(this.data, note, head);
  }

  /** Index of the layer with this number among the study's layers; -1 where it has none. */
  layerIndex(layer: number): number {
    return this.data.layers.findIndex((one) => one.layer === layer);
  }

  /**
   * Other details take the place of those that are here. The study's own tables change, in place: whoever holds one of them sees the
   * new ones when drawing next.
   */
  take({ detail, layers, byStep, saliency, alternatives }: StudyDetail): void {
    const { data } = this;
    Object.assign(data.detail, detail);
    layers.forEach(({ heat, points }, k) => {
      data.layers[k].heat = heat;
      if (points && data.layers[k].path) data.layers[k].path.points = points;
    });
    Object.assign(data.gradient.byStep, byStep);
    if (saliency && data.saliency) data.saliency.heads = saliency;
    data.alternatives = alternatives;
    this.#heat.clear();
    this.#overviews.clear();
    this.#saliency.clear();
  }

  /** The heat map of a quantity; undefined where it was left out. */
  heat(layer: number, quantity: Quantity): Heat | undefined {
    const key = `${layer} ${quantity}`;
    if (!this.#heat.has(key)) this.#heat.set(key, this.#unpack(layer, quantity, false));
    return this.#heat.get(key);
  }

  /** The same of the whole song, its columns those of {@link coarse}; undefined where the other is of the whole song. */
  overview(layer: number, quantity: Quantity): Heat | undefined {
    const key = `${layer} ${quantity}`;
    if (!this.#overviews.has(key)) this.#overviews.set(key, this.#unpack(layer, quantity, true));
    return this.#overviews.get(key);
  }

  /** The axis of the columns of overviews. */
  coarse(kind: AxisKind): ColumnAxis {
    let axis = this.#coarse.get(kind);
    if (!axis) this.#coarse.set(kind, (axis = coarseAxis(this.axis(kind), this.notesPerColumn)));
    return axis;
  }

  /** Notes that a column of an overview is the mean of; 1 where there is none. */
  get notesPerColumn(): number {
    return this.data.layers.find(({ overview }) => overview)?.overview?.notesPerColumn ?? 1;
  }

  #unpack(layer: number, quantity: Quantity, whole: boolean): Heat | undefined {
    const from = this.data.layers[layer];
    const matrix = whole ? from?.overview?.heat[quantity] : from?.heat[quantity];
    if (!matrix) return undefined;
    const rows = heatRows(from);
    const gate = opens(quantity);
    // Both tables of a quantity have one scale of colours.
    const both = [from.heat[quantity], from.overview?.heat[quantity]].flatMap((one) =>
      one ? [one.low, one.high] : [],
    );
    const size = both.reduce((most, end) => Math.max(most, Math.abs(end)), 0) || 1;
    const scale = { values: dequantise(matrix), low: gate ? 0 : -size, high: gate ? 1 : size };
    return {
      // Gates on their whole range; what has a sign with nothing in the middle.
      ...scale,
      levels: colourLevels(scale),
      columns: matrix.columns,
      firstNote: whole ? 0 : this.data.detail.from,
      rows: rows.map(({ row }) => row),
      units: rows.map(({ unit }) => unit),
      names: rows.map(({ name }) => name),
    };
  }

  /** A quantity of a unit after each note of the detail, or in each column of the overview; undefined where it was left out. */
  trace(id: UnitId, quantity: Quantity, whole = false): Float32Array | undefined {
    const layer = this.layerIndex(id.layer);
    const heat = layer < 0 ? undefined : whole ? this.overview(layer, quantity) : this.heat(layer, quantity);
    const at = heat?.units.indexOf(id.unit) ?? -1;
    if (!heat || at < 0) return undefined;
    return heat.values.subarray(heat.rows[at] * heat.columns, (heat.rows[at] + 1) * heat.columns);
  }

  /** A quantity of a unit after a note; NaN where it is not known. */
  value(id: UnitId, quantity: Quantity, note: number): number {
    return this.trace(id, quantity)?.[note - this.data.detail.from] ?? NaN;
  }

  /** What the prediction of a note by a head rests on. */
  saliency(head: number, note: number): SaliencyRow | undefined {
    const { saliency, heads, detail } = this.data;
    const table = saliency?.heads.find(({ name }) => name === heads[head]?.name);
    if (!saliency || !table || note < detail.from || note >= detail.to) return undefined;
    let values = this.#saliency.get(head);
    if (!values) this.#saliency.set(head, (values = dequantise(table.values)));
    return saliencyRow(values, table.values.columns, saliency.inputs.length, note - detail.from);
  }

  /** What a head held likeliest in the place of a note; nothing where that is not known. */
  alternatives(head: number, note: number): StudyAlternatives['notes'][number] {
    const { alternatives, heads, detail } = this.data;
    return alternatives?.find((one) => one.head === heads[head]?.name)?.notes[note - detail.from] ?? [];
  }

  integrated(head: number, note: number): StudyIntegrated | undefined {
    const name = this.data.heads[head]?.name;
    return this.data.saliency?.integrated.find((one) => one.note === note && one.head === name);
  }

  ablation(id: UnitId): StudyAblationRow[] {
    const rows = this.data.ablation?.units ?? [];
    return rows.filter(({ layer, unit }) => layer === id.layer && unit === id.unit);
  }
}
