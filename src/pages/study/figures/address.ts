import type { Quantity } from '../../../study/study-data.ts';
import type { AxisKind, AxisWindow } from '../../kit/time-axis.ts';
import { unitKey, type UnitId } from './unit-lists.ts';
import { QUANTITY_NAMES } from '../../../study/quantity-names.ts';

/** What gives the notes of the roll their colours. */
export const TINTS = ['saliency', 'surprise', 'unit', 'plain'] as const;
export type Tint = (typeof TINTS)[number];

/** What of the page's state an address carries, so that whoever opens it sees the same. */
export interface View {
  /** -1 where the song has no notes. */
  note: number;
  unit: UnitId | null;
  /** Indices into the study's heads and layers. */
  head: number;
  layer: number;
  quantities: readonly Quantity[];
  tint: Tint;
  axis: AxisKind;
  window: AxisWindow;
}

/** The address of a view, which counts from 1: `#note-43&unit-1-18&head-2&layer-1&maps-f.h&colour-saliency&axis-seconds&from-1.5&to-30`. */
export function addressOf({ note, unit, head, layer, quantities, tint, axis, window }: View): string {
  const parts = [
    ...(note < 0 ? [] : [`note-${note + 1}`]),
    ...(unit ? [`unit-${unitKey(unit)}`] : []),
    `head-${head + 1}`,
    `layer-${layer + 1}`,
    `maps-${quantities.join('.')}`,
    `colour-${tint}`,
    `axis-${axis}`,
    `from-${rounded(window.from + firstOf(axis))}`,
    `to-${rounded(window.to + firstOf(axis))}`,
  ];
  return `#${parts.join('&')}`;
}

/** As much of a view as an address tells: links say `#note-43` or `#unit-1-18` alone, and other addresses nothing. */
export function viewOfAddress(hash: string): Partial<View> {
  const parts = new Map(
    hash
      .replace(/^#/, '')
      .split('&')
      .map((part) => [part.split('-', 1)[0], part.slice(part.indexOf('-') + 1)]),
  );
  const index = (name: string): number | undefined => {
    const text = parts.get(name) ?? '';
    return /^[1-9]\d{0,8}$/.test(text) ? Number(text) - 1 : undefined;
  };
  const [, layer, unit] = /^([1-9]\d{0,8})-([1-9]\d{0,8})$/.exec(parts.get('unit') ?? '') ?? [];
  const [from, to] = ['from', 'to'].map((name) => numberOf(parts.get(name)));
  const maps = parts.get('maps')?.split('.');
  const tint = TINTS.find((one) => one === parts.get('colour'));
  const axis = (['seconds', 'notes'] as const).find((one) => one === parts.get('axis'));
  return known({
    note: index('note'),
    unit: layer === undefined ? undefined : { layer: Number(layer) - 1, unit: Number(unit) - 1 },
    head: index('head'),
    layer: index('layer'),
    quantities: maps && (Object.keys(QUANTITY_NAMES) as Quantity[]).filter((quantity) => maps.includes(quantity)),
    tint,
    axis,
    window: from !== undefined && to !== undefined && from < to ? { from: rounded(from - firstOf(axis)), to: rounded(to - firstOf(axis)) } : undefined, // prettier-ignore
  });
}

/** What the beginning of the axis is called: second 0, note 1. */
function firstOf(axis: AxisKind | undefined): number {
  return axis === 'notes' ? 1 : 0;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}

/** Thousandths: of seconds, or of notes. */
function rounded(position: number): number {
  return Math.round(position * 1000) / 1000 + 0; // + 0 turns -0 into 0
}

function known<T extends object>(parts: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as typeof parts & {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
