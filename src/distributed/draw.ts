import type { SettingKey } from '../music/index.ts';
import { Random } from '../tensor/index.ts';
import { counted, formatCount } from '../text/words.ts';
import { SpaceError, type Dimension, type Drawn, type Space, type Values } from './space.ts';

/** More runs than these are a slip of the hand. */
export const MOST_RUNS = 100_000;

/** Draws in vain before a space counts as exhausted. */
const TRIES = 1000;

/**
 * Draws runs at random, each dimension on its own, no two alike: the same seed draws the same runs, and more runs begin with those of
 * fewer. Of a space with fewer combinations than asked for there are fewer runs.
 */
export function drawRandom(space: Space, runs: number, seed: number): Drawn[] {
  const random = Random.stream(seed, 'sweep');
  const drawn = new Map<string, Drawn>();
  for (let tries = 0; drawn.size < runs && tries < TRIES; tries++) {
    const one = settingsOf(space.map((dimension) => [dimension, drawValue(dimension.values, random)] as const));
    const text = JSON.stringify(one);
    if (drawn.has(text)) continue;
    drawn.set(text, one);
    tries = -1;
  }
  return [...drawn.values()];
}

function drawValue(values: Values, random: Random): unknown {
  if (values.kind === 'choices') return values.values[random.integer(values.values.length)];
  const { from, to, log, whole } = values;
  const part = random.uniform();
  // Of whole numbers each has a stretch of the same length, on its scale, up to the next.
  const end = whole ? to + 1 : to;
  const value = log ? from * (end / from) ** part : from + (end - from) * part;
  return within(whole ? Math.floor(value) : rounded(value), values);
}

/**
 * All combinations of a space, those of the last dimension next to each other.
 * @throws SpaceError for a range without `steps`, and for more combinations than anybody can train
 */
export function gridOf(space: Space): Drawn[] {
  const axes = space.map((dimension) => gridValues(dimension).map((value) => [dimension, value] as const));
  const count = axes.reduce((product, { length }) => product * length, 1);
  if (count > MOST_RUNS) throw new SpaceError(`the grid has ${formatCount(count)} runs; expected at most ${formatCount(MOST_RUNS)}.`); // prettier-ignore
  const combined = axes.reduce<(readonly [Dimension, unknown])[][]>(
    (rows, axis) => rows.flatMap((row) => axis.map((each) => [...row, each])),
    [[]],
  );
  return combined.map(settingsOf);
}

function gridValues({ flag, values }: Dimension): unknown[] {
  if (values.kind === 'choices') return [...values.values];
  const { from, to, log, whole, steps } = values;
  if (steps === undefined) {
    throw new SpaceError(`"${flag}": a grid takes values, not a whole range: add "steps", such as {"from": ${from}, "to": ${to}, "steps": 3}, or list choices.`); // prettier-ignore
  }
  const at = (k: number): number => {
    const part = k / (steps - 1);
    const value = log ? from * (to / from) ** part : from + (to - from) * part;
    return within(whole ? Math.round(value) : rounded(value), values);
  };
  const all = Array.from({ length: steps }, (_, k) => at(k));
  const distinct = [...new Set(all)];
  if (distinct.length < all.length) throw new SpaceError(`"${flag}": from ${from} to ${to} there are no ${counted(steps, 'different value')}.`); // prettier-ignore
  return distinct;
}

/** Four digits: more make no difference, and would only be in the way where a run is written as flags. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function within(value: number, { from, to }: { from: number; to: number }): number {
  return Math.min(to, Math.max(from, value));
}

function settingsOf(row: readonly (readonly [Dimension, unknown])[]): Drawn {
  return Object.fromEntries(row.map(([{ key }, value]): [SettingKey, unknown] => [key, value])) as Drawn;
}
