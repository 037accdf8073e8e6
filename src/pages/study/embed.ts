import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { EtudeError } from '../../errors.ts';

/**
 * `value` as JSON, deflated (RFC 1951) and in base64, as it may stand in an element of a page: a third of a study's JSON, and no name
 * in it can end the element. `unpacked` of the page's program reads it.
 */
export function packed(value: unknown): string {
  return deflateRawSync(JSON.stringify(value), { level: 9 }).toString('base64');
}

/** What a content security policy says of one inline script or style: exactly this text, and no other, may be used. */
export function cspHash(content: string): string {
  return `'sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}'`;
}

/**
 * `content` as it may stand in an element of that name: an HTML parser must read it as one piece, and unchanged, or its hash
 * is another.
 * @throws EtudeError when it cannot
 */
export function rawText(element: 'script' | 'style', content: string): string {
  if (new RegExp(`</${element}|<!--|\\r|\\0`, 'i').test(content)) {
    throw new EtudeError(
      `the page's own ${element} holds what would end it: </${element}, <!--, a carriage return or a zero.`,
    );
  }
  return content;
}
