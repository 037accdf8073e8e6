import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { cspHash, rawText, scriptJson } from '../../../src/pages/study/embed.ts';

test('JSON in a script tag reads back as what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(scriptJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('no name can end the script tag or open a comment', () => {
  for (const name of ['</script>', '</ScRiPt >', '<!--<script>', '\u2028', '\u2029', '&lt;']) {
    const text = scriptJson({ name });
    expect(text).not.toMatch(/[<\u2028\u2029]/);
    expect((JSON.parse(text) as { name: string }).name).toBe(name);
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
