import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { cspHash, packed, rawText } from '../../../src/pages/study/embed.ts';

/** What the page's program does with the browser's own stream. */
async function unpack(text: string): Promise<unknown> {
  const stream = new Blob([Buffer.from(text, 'base64')]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).json();
}

test('what is packed reads back as what it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(await unpack(packed(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('no name can end the script tag or open a comment, whatever its letters', async () => {
  for (const name of ['</script>', '</ScRiPt >', '<!--<script>', '\u2028', '\u2029', '&lt;', '−♯𝄞']) {
    const text = packed({ name });
    expect(text).toMatch(/^[A-Za-z0-9+/]*=*$/);
    expect(await unpack(text)).toEqual({ name });
  }
});

test('the hash of the policy is that of the text as UTF-8', () => {
  const text = 'alert("−")';
  expect(cspHash(text)).toBe(`'sha256-${createHash('sha256').update(Buffer.from(text)).digest('base64')}'`);
});

test('a program that would end its own tag is refused', () => {
  expect(rawText('script', 'const less = 1 < 2;')).toBe('const less = 1 < 2;');
  for (const bad of ['"</script>"', '"</SCRIPT>"', '"<!--"', 'a\r\nb', '\0'])
    expect(() => rawText('script', bad)).toThrow(/would end it/);
});
