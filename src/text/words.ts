/** A whole number with commas: `84,354`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A number and its noun, in the plural where it is not 1: `1 piece`, `1,024 pieces`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Choices: `raw, log or bins`. */
export function inWords(choices: readonly string[], last: 'or' | 'and' = 'or'): string {
  return choices.length < 2
    ? choices.join('')
    : `${choices.slice(0, -1).join(', ')} ${last} ${choices[choices.length - 1]}`;
}

/** Where numbers may lie: `min` and `max` themselves included, `above` and `below` not. */
export interface Bounds {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
}

export function isWithin(value: number, { min, above, max, below }: Bounds): boolean {
  return (
    value >= (min ?? -Infinity) &&
    value > (above ?? -Infinity) &&
    value <= (max ?? Infinity) &&
    value < (below ?? Infinity)
  );
}

/** `from 1 to 4,096`, `above 0 and at most 1`, `of at least 0 and below 1`; nothing where there are no bounds. */
export function boundsInWords({ min, above, max, below }: Bounds): string {
  if (min !== undefined && max !== undefined) return `from ${formatBound(min)} to ${formatBound(max)}`;
  const low =
    min !== undefined ? `of at least ${formatBound(min)}` : above !== undefined ? `above ${formatBound(above)}` : '';
  const most = low === '' ? 'of at most' : 'at most';
  const high =
    max !== undefined ? `${most} ${formatBound(max)}` : below !== undefined ? `below ${formatBound(below)}` : '';
  return [low, high].filter((part) => part !== '').join(' and ');
}

function formatBound(bound: number): string {
  return bound.toLocaleString('en-US', { maximumFractionDigits: 20 });
}

/**
 * How long something took or lasts: `0.4s`, `12s`, `3:05`, `1:02:03`. Only what has not begun is `0s`: what was
 * too short for tenths of a second is `<0.1s`.
 */
export function formatSeconds(seconds: number): string {
  if (!(seconds > 0)) return '0s';
  if (seconds < 0.05) return '<0.1s';
  if (seconds < 0.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** A place in a piece, or its length, in minutes and seconds to a tenth: `1:05.3`. */
export function clock(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

/** The chance of a test: `p = 0.012`, and never zero: `p < 0.001`. */
export function formatP(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}
