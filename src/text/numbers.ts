/** What people read has a true minus: a hyphen before a number, or in its exponent, becomes one. Not for what programs read. */
export function trueMinus(text: string): string {
  return text.replace(/(?<![\p{L}\d.])-(?=\.?\d)|(?<=\de)-(?=\d)/gu, '−');
}

/** Three significant digits, never in scientific notation unless they are tiny: `0.0123`, `12.3`, `−1,230`. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return trueMinus(String(value));
  if (Math.abs(value) >= 1000) return trueMinus(Math.round(value).toLocaleString('en-US'));
  return trueMinus(Number(value.toPrecision(3)).toString().includes('e') ? value.toExponential(1) : trimmed(value));
}

function trimmed(value: number): string {
  const text = value.toPrecision(3);
  return text.includes('e') ? String(Number(text)) : text;
}

/** So many places behind the point: `0.025`, `−1.300`, and never `−0.000`; a dash, or `none`, where there is no number. */
export function decimals(value: number | null | undefined, places = 3, none = '–'): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const text = value.toFixed(places);
  return Number(text) === 0 ? text.replace('-', '') : trueMinus(text);
}

/** A part of 1 as a percentage: `0 %`, `<0.1 %`, `5.4 %`, `54 %`, `−536 %`. As many digits on either side of nothing. */
export function percent(part: number): string {
  const size = Math.abs(part);
  if (size === 0) return '0 %';
  if (part > 0 && part < 0.0005) return '<0.1 %';
  return `${decimals(part * 100, size < 0.0995 ? 1 : 0)} %`;
}

/**
 * What a loss gains over that of a baseline, in parts of the baseline: `+54 %`; `−536 %` where it is worse; a dash where there is no
 * baseline to speak of.
 */
export function gainPercent(loss: number, baseline: number | null | undefined): string {
  if (!(baseline! > 1e-9) || !Number.isFinite(loss)) return '–';
  const gain = 1 - loss / baseline!;
  return `${gain > 0 ? '+' : ''}${percent(gain)}`;
}
