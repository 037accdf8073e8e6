import { UsageError } from '../errors.ts';

export function assertRate(what: string, rate: number): void {
  if (!(rate >= 0 && rate < 1))
    throw new UsageError(`${what}: expected a number from 0 up to, not including, 1, got ${rate}.`);
}

export function assertWhole(what: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new UsageError(`${what}: expected a whole number from ${from} to ${to}, got ${value}.`);
  }
}

export function assertNonNegative(what: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new UsageError(`${what}: expected 0 or more, got ${value}.`);
}

export function assertUnique(what: string, names: string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`${what}: the name "${twice}" stands there twice.`);
}
