import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coordinate, element, escapeText, fitText, text, textWidth } from '../../src/plot/svg.ts';
import { parseSvg } from '../support/svg-tree.ts';

describe('escapeText', () => {
  it('leaves no markup in any text, and loses nothing that XML can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (content) => {
        const node = parseSvg(element('g', { id: content }, escapeText(content)));
        // eslint-disable-next-line no-control-regex
        const kept = content.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD');
        expect(node.text).toBe(kept);
        expect(node.attributes.id).toBe(kept);
      }),
      { numRuns: 100 },
    );
  });

  it('replaces control characters, halves of surrogate pairs and non-characters', () => {
    expect(escapeText('a\u0000b\u001Fc\uD800d\uDC00e\uFFFFf\t\n')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf\t\n');
    expect(escapeText('𝄞 🎹')).toBe('𝄞 🎹');
    expect(escapeText(`</title><script>alert("'&")`)).toBe('&lt;/title&gt;&lt;script&gt;alert(&quot;&#39;&amp;&quot;)');
  });
});

describe('element', () => {
  it('writes attributes and children, and leaves undefined attributes out', () => {
    expect(element('a')).toBe('<a/>');
    expect(element('a', { x: 1.005, y: -0.001, z: undefined, w: 'v' }, 'b', '<c/>')).toBe(
      '<a x="1" y="0" w="v">b<c/></a>',
    );
    expect(text('<', 1, 2)).toBe('<text x="1" y="2">&lt;</text>');
  });
});

describe('coordinate', () => {
  it('keeps two decimals at most, and never writes -0 or an exponent for what fits a picture', () => {
    fc.assert(
      fc.property(fc.double({ min: -20_000, max: 20_000, noNaN: true }), (value) => {
        expect(coordinate(value)).toMatch(/^-?\d+(\.\d{1,2})?$/);
        expect(coordinate(value)).not.toBe('-0');
        expect(Math.abs(Number(coordinate(value)) - value)).toBeLessThanOrEqual(0.005001);
      }),
    );
  });
});

describe('fitText', () => {
  it('leaves short text alone and cuts long text to the width with an ellipsis', () => {
    expect(fitText('loss', 12, 200)).toBe('loss');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 20, max: 300 }),
        (content, width) => {
          const fitted = fitText(content, 12, width);
          expect(textWidth(fitted, 12)).toBeLessThanOrEqual(width);
          if (fitted !== content) expect(content.startsWith(fitted.slice(0, -1))).toBe(true);
        },
      ),
    );
  });

  it('does not cut through a character of two code units', () => {
    expect(fitText('🎹🎹🎹🎹🎹🎹', 12, 40)).toMatch(/^(🎹)+…$/u);
  });
});
