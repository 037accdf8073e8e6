/** The attributes of an element; undefined ones are left out, numbers are written with two decimals at most. */
export type Attributes = Record<string, string | number | undefined>;

/** Text that may stand in an element or an attribute: markup is escaped, and what XML 1.0 forbids becomes U+FFFD. */
export function escapeText(text: string): string {
  return text
    .replace(FORBIDDEN, '\uFFFD')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

// Control characters but tab, line feed and carriage return; halves of surrogate pairs; the two non-characters of plane 0.
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\p{Surrogate}\uFFFE\uFFFF]/gu;

/** A coordinate: at most two decimals, a fiftieth of what an eye can see. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0); // + 0 turns -0 into 0
}

/** `<name attributes>children</name>`. The children are markup already; text goes through `escapeText` or `text`. */
export function element(name: string, attributes: Attributes = {}, ...children: string[]): string {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(value)}"`;
  }
  return children.length === 0 ? `${tag}/>` : `${tag}>${children.join('')}</${name}>`;
}

/** A line of text at (x, y), its baseline. */
export function text(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(content));
}

/**
 * About how wide `content` is in a sans-serif font of `size` pixels: nobody knows the font of the reader, so this errs on
 * the wide side. Wide East Asian characters count in full.
 */
export function textWidth(content: string, size: number): number {
  let ems = 0;
  for (const character of content) {
    if (/[ilj.,:;'|!()[\] ]/.test(character)) ems += 0.34;
    else if (/[mwMW@%]/.test(character)) ems += 0.92;
    else if (character >= '\u1100') ems += 1.05;
    else if (/[A-Z]/.test(character)) ems += 0.7;
    else ems += 0.58;
  }
  return ems * size;
}

/** `content`, cut with an ellipsis where it would be wider than `width`. */
export function fitText(content: string, size: number, width: number): string {
  if (textWidth(content, size) <= width) return content;
  const characters = [...content];
  while (characters.length > 0 && textWidth(`${characters.join('')}…`, size) > width) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
