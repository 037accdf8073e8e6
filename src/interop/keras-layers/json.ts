import { DataError } from '../../errors.ts';
import { printable } from '../../text/table.ts';

/** An object of JSON. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands under a name of an object, but nothing that every object has: `constructor` is no setting. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** @throws DataError where a value is no object. @param where what it is, as the error begins */
export function objectIn(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw new DataError(`${where}: expected an object, got ${shownValue(value)}.`);
}

/** @throws DataError where a value is no list. @param where what it is, as the error begins */
export function listIn(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new DataError(`${where}: expected a list, got ${shownValue(value)}.`);
}

/** @throws DataError where a value is no text, or an empty one. @param where what it is, as the error begins */
export function textIn(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new DataError(`${where}: expected a text, got ${shownValue(value)}.`);
}

/** @throws DataError where a value is no whole number from 1 to `most`. @param where what it is, as the error begins */
export function wholeIn(value: unknown, where: string, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new DataError(`${where}: expected a whole number from 1 to ${most}, got ${shownValue(value)}.`);
}

/** A value from a file in a sentence: short, and without what could command a terminal. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${clipped(value)}"`;
  if (Array.isArray(value)) return value.length <= 8 && value.every((each) => typeof each !== 'object' || each === null) ? `[${value.map((each) => clipped(String(each))).join(', ')}]` : 'a list'; // prettier-ignore
  return isObject(value) ? 'an object' : String(value);
}

/** A name from a file in a sentence. */
export function clipped(name: string): string {
  return printable(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}

/** Several names, the first dozen. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 12).map(clipped);
  return `${first.join(', ')}${names.length > first.length ? ', …' : ''}`;
}
