/** An object of JSON, of which nothing is known. */
export type Config = Readonly<Record<string, unknown>>;

/** The value where it is an object of JSON, and no list. */
export function asRecord(value: unknown): Config | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Config) : undefined;
}
