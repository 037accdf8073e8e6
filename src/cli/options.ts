import { UsageError } from '../errors.ts';
import { BACKENDS, KERNEL_BACKENDS } from '../tensor/backend-names.ts';
import { boundsInWords, inWords, isWithin, type Bounds } from '../text/words.ts';

/** One option: how it is written, read, checked and explained. The flag's name is the key in its table. */
export interface OptionSpec<T> {
  /** What stands for the value in the help: `number`, `path`. A switch has none. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  readonly help: string;
  readonly default?: T;
  /** The reason for the default, for the help. */
  readonly because?: string;
  /** The heading in the help under which it stands; `Options:` unless given. */
  readonly group?: string;
  /** Keys of options of which one must be given too, or this one has no effect. */
  readonly needs?: readonly string[];
  /** Keys of options that contradict this one, and why: a clause for the error. */
  readonly excludes?: Readonly<Record<string, string>>;
  /** @throws UsageError that says what was expected */
  readonly parse?: (text: string) => T;
}

export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

/** The values of a table's options: undefined where one was not given and has no default. */
export type OptionValues<Table extends OptionTable> = {
  [Key in keyof Table]: Table[Key] extends OptionSpec<infer T> ? T : never;
};

interface Described {
  /** What stands for the value in the help, where the option does not say so itself. */
  value?: string;
  help: string;
  short?: string;
  because?: string;
}

/** A switch: false unless given. */
export function flag(help: string, short?: string): OptionSpec<boolean> {
  return { help, short };
}

/** Any text, for instance a path. */
export function text(spec: Described & { value: string; default: string }): OptionSpec<string>;
export function text(spec: Described & { value: string }): OptionSpec<string | undefined>;
export function text(spec: Described & { value: string; default?: string }): OptionSpec<string | undefined> {
  return { ...spec, parse: nonEmpty };
}

type NumberRange = Described & Bounds;

/** A whole number in a range, both ends included. */
export function whole(spec: NumberRange & { default: number }): OptionSpec<number>;
export function whole(spec: NumberRange): OptionSpec<number | undefined>;
export function whole(spec: NumberRange & { default?: number }): OptionSpec<number | undefined> {
  return { value: 'n', ...described(spec), parse: (given) => parseWhole(given, spec) };
}

/** A number in a range. */
export function number(spec: NumberRange & { default: number }): OptionSpec<number>;
export function number(spec: NumberRange): OptionSpec<number | undefined>;
export function number(spec: NumberRange & { default?: number }): OptionSpec<number | undefined> {
  return { value: 'x', ...described(spec), parse: (given) => parseNumber(given, spec) };
}

/** One of a few words. */
export function choice<W extends string>(words: readonly W[], spec: Described & { default: W }): OptionSpec<W>;
export function choice<W extends string>(words: readonly W[], spec: Described): OptionSpec<W | undefined>;
export function choice<W extends string>(
  words: readonly W[],
  spec: Described & { default?: W },
): OptionSpec<W | undefined> {
  return { value: words.join('|'), ...spec, parse: (given) => parseChoice(given, words) };
}

/** The same options under a heading of their own in the help. */
export function under<Table extends OptionTable>(group: string, options: Table): Table {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, { ...option, group }])) as Table;
}

/** The same options, each of no effect without one of others. */
export function needing<Table extends OptionTable>(needs: readonly string[], options: Table): Table {
  return Object.fromEntries(Object.entries(options).map(([key, option]) => [key, { ...option, needs }])) as Table;
}

/** The options that mean the same wherever they stand. */
export const COMMON = {
  json: flag('print JSON on stdout, one object a line'),
  quiet: flag('print no progress or notes on stderr; errors are still shown', 'q'),
} as const;

/** Written the same everywhere: where the result goes, and leave to replace what is there. */
export const FORCE = flag('replace what is already there');

/** A folder to write; stdout is none. */
export function outFolder(help: string): OptionSpec<string | undefined> {
  const parse = (given: string): string => {
    if (given === '-') throw new UsageError('This writes a folder of files: stdout cannot hold it. Name a folder.');
    return nonEmpty(given);
  };
  return { value: 'folder', short: 'o', help, parse };
}

/** What plays: see `etude listen --help` for where one is looked for. */
export const SOUNDFONT = text({
  value: 'path',
  help: 'an .sf2 or .sf3 file to play with; "none" for the additive piano',
});

/** The seed of every random stream of a run. */
export const SEED = whole({
  min: 0,
  max: 2 ** 53 - 1,
  default: 42,
  help: 'seed of all randomness: same seed, same bytes',
});

/** The backends in the help: those of the kernels, and of gpu.js those that are asked for most. */
const BACKEND_WORDS = `${KERNEL_BACKENDS.join('|')}|gpu|gpu-MODE`;
const GPU_HELP = 'what computes; gpu-MODE is gpu-webgpu, gpu-webgl2, gpu-headlessgl, gpu-webasm or gpu-cpu';

/** What trains a model, or evaluates it: the same two words wherever one is run. */
export const ENGINE = {
  backend: choice(BACKENDS, {
    value: BACKEND_WORDS,
    default: 'auto',
    because: 'the fastest that runs here',
    help: GPU_HELP,
  }),
  threads: {
    value: 'n|auto',
    default: 'auto',
    because: 'one per core',
    help: 'how many threads to use',
    parse: parseThreads,
  } as OptionSpec<number | 'auto'>,
} as const;

/** What runs a model note by note, or looks into it: no GPU does. */
export const KERNELS = choice(KERNEL_BACKENDS, {
  default: 'auto',
  because: 'the fastest that runs here',
  help: 'what computes',
});

/** `sampleRate` is written `--sample-rate`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The candidate nearest to a mistyped word, if one is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = slips(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= Math.max(1, Math.floor(candidate.length / 3)) && !(best && best.distance <= distance)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate;
}

/** The edit distance, but two letters that changed places are one slip of the hand. */
function slips(a: string, b: string): number {
  const at = [...a].findIndex((letter, i) => letter !== b[i]);
  const swapped = a.slice(0, at) + (a[at + 1] ?? '') + (a[at] ?? '') + a.slice(at + 2);
  return a !== b && swapped === b ? 1 : editDistance(a, b);
}

/** Insertions, deletions and substitutions that turn one word into the other (Levenshtein 1966). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

function described({ help, short, because, ...rest }: NumberRange & { default?: number }) {
  return { help, short, because, default: rest.default };
}

/** Far beyond any machine: a slip of the finger must not start a million threads. */
const MAX_THREADS = 256;

function parseThreads(given: string): number | 'auto' {
  if (given === 'auto') return given;
  const count = Number(given);
  if (/^\d+$/.test(given) && count >= 1 && count <= MAX_THREADS) return count;
  throw new UsageError(`Expected a whole number from 1 to ${MAX_THREADS}, or auto.`);
}

function nonEmpty(given: string): string {
  if (given === '') throw new UsageError('Expected a text that is not empty.');
  return given;
}

function parseWhole(given: string, range: NumberRange): number {
  const value = Number(given);
  if (!/^[+-]?\d+$/.test(given) || !isWithin(value, range)) {
    throw new UsageError(`Expected a whole number ${boundsInWords(range)}.`.replace(' .', '.'));
  }
  return value;
}

function parseNumber(given: string, range: NumberRange): number {
  const value = Number(given);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) || !Number.isFinite(value) || !isWithin(value, range)) {
    throw new UsageError(`Expected a number ${boundsInWords(range)}.`.replace(' .', '.'));
  }
  return value;
}

function parseChoice<W extends string>(given: string, words: readonly W[]): W {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  const meant = nearest(given, words);
  throw new UsageError(`Expected ${inWords(words)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`);
}
