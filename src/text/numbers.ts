/** Three significant digits, never in scientific notation: `0.0123`, `12.3`, `1,230`. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString().includes('e') ? value.toExponential(1) : trimmed(value);
}

function trimmed(value: number): string {
  const text = value.toPrecision(3);
  return text.includes('e') ? String(Number(text)) : text;
}

/** A part of 1 as a percentage. */
export function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.0995 ? 1 : 0)} %`;
}
