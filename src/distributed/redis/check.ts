import { clause, DistributedError } from './errors.ts';

/**
 * Looks at what came as JSON from Redis, where anybody may have written. Each method returns a field whose kind has been checked.
 * @throws DistributedError `damaged` that names the field, what was expected, and never what came
 */
export class Fields {
  readonly #what: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @param what in words: `the job` */
  constructor(what: string, value: unknown) {
    this.#what = what;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#refuse('', 'an object');
    this.#fields = value as Record<string, unknown>;
  }

  /** A text that matches. */
  text(name: string, pattern: RegExp, expected = `a text like ${pattern.source}`): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || !pattern.test(value)) this.#refuse(name, expected);
    return value;
  }

  /** One of some words. */
  word<const Word extends string | boolean>(name: string, words: readonly Word[]): Word {
    const value = this.#fields[name] as Word;
    if (!words.includes(value)) this.#refuse(name, `one of ${words.join(', ')}`);
    return value;
  }

  /** A whole number from 0 to `max`. */
  count(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.#fields[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
      this.#refuse(name, `a whole number from 0 to ${max}`);
    }
    return value as number;
  }

  /** A finite number. */
  number(name: string): number {
    const value = this.#fields[name];
    if (!Number.isFinite(value)) this.#refuse(name, 'a finite number');
    return value as number;
  }

  /** A list of at most `max`, each as `read` makes it. */
  list<T>(name: string, max: number, read: (item: unknown, what: string) => T): T[] {
    const value = this.#fields[name];
    if (!Array.isArray(value) || value.length > max) this.#refuse(name, `a list of at most ${max}`);
    return value.map((item, i) => read(item, `${this.#what}: ${name}[${i}]`));
  }

  /** What `read` makes of an object. */
  object<T>(name: string, read: (value: unknown, what: string) => T): T {
    return read(this.#fields[name], `${this.#what}: ${name}`);
  }

  /** What `read` makes of a field, or null where that is null. */
  orNull<T>(name: string, read: (name: string) => T): T | null {
    return this.#fields[name] === null ? null : read(name);
  }

  /** Whether there is a field of this name. */
  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  /** Runs a check of another part, whose errors say what is wrong with a field. */
  checked<T>(name: string, check: (value: unknown) => T): T {
    try {
      return check(this.#fields[name]);
    } catch (thrown) {
      if (thrown instanceof DistributedError) throw thrown;
      return this.#refuse(
        name,
        `what it should be: ${clause(thrown instanceof Error ? thrown.message : String(thrown))}`,
      );
    }
  }

  /** All names, with the value of each as a finite number. */
  numbers(): Record<string, number> {
    return Object.fromEntries(Object.keys(this.#fields).map((name) => [name, this.number(name)]));
  }

  #refuse(name: string, expected: string): never {
    const where = name === '' ? this.#what : `${this.#what}: ${name}`;
    throw new DistributedError('damaged', `What came from Redis cannot be used: ${where}: expected ${expected}.`);
  }
}

/** JSON of at most so many characters. */
export function parseBounded(what: string, text: string, max: number): unknown {
  if (text.length > max) throw new DistributedError('damaged', `What came from Redis cannot be used: ${what} is larger than ${max} characters.`); // prettier-ignore
  try {
    return JSON.parse(text);
  } catch {
    throw new DistributedError('damaged', `What came from Redis cannot be used: ${what} is not JSON.`);
  }
}
