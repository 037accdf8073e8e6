import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const text = readFileSync(resolve(root, 'docs/interop.md'), 'utf8').replace(/\s+/g, ' ');

type Largest = number | { exported: number; imported: number };

/** `7.7 · 10⁻⁷`. */
function inWords(value: number): string {
  const [digits, exponent] = value.toExponential(1).split('e-');
  return `${digits} · 10⁻${[...exponent].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;
}

it.each(['onnx', 'pytorch', 'tfjs', 'keras'])(
  'docs/interop.md says the largest differences that were measured: %s',
  (name) => {
    const file = `bench/results/interop-${name}.json`;
    const { largest, native } = JSON.parse(readFileSync(resolve(root, file), 'utf8')) as { largest: Largest; native?: { largest: number } }; // prettier-ignore
    const figures = [...(typeof largest === 'number' ? [largest] : Object.values(largest)), ...(native ? [native.largest] : [])]; // prettier-ignore
    const end = text.indexOf(`[${file}]`);
    // The sentence in which the file stands.
    const sentence = text.slice(text.lastIndexOf('Over ', end), end);
    for (const figure of figures) expect(sentence).toContain(`at most ${inWords(figure)}`);
  },
);
