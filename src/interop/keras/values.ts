import { printable } from '../../text/table.ts';

/** An object of JSON, of which nothing is known. */
export type Config = Readonly<Record<string, unknown>>;

/** The value where it is an object of JSON, and no list. */
export function asRecord(value: unknown): Config | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Config) : undefined;
}

/** A name from a file in a sentence: short, and without what could command a terminal. */
export function clipped(name: string): string {
  return printable(name.length > 120 ? `${name.slice(0, 119)}…` : name);
}

/** Several of them, the first dozen. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 12).map(clipped);
  return `${first.join(', ')}${names.length > first.length ? ', …' : ''}`;
}
