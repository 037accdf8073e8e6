import { createHash } from 'node:crypto';
import { EtudeError } from '../../errors.ts';

/**
 * `value` as JSON that may stand between script tags: no `<` is left in it, so that neither `</script>` nor `<!--` in a name
 * can end it or change how it is read. JSON.parse gives back what JSON.stringify was given.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
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
