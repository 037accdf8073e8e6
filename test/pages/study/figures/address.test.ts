import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, TINTS, viewOfAddress, type View } from '../../../../src/pages/study/figures/address.ts';
import { quantitiesOf } from '../../../../src/nn/cells/kinds.ts';

const view: fc.Arbitrary<View> = fc.record({
  note: fc.nat(20_000),
  unit: fc.record({ layer: fc.nat(3), unit: fc.nat(4000) }),
  head: fc.nat(3),
  layer: fc.nat(3),
  quantities: fc.subarray(quantitiesOf('lstm')),
  tint: fc.constantFrom(...TINTS),
  axis: fc.constantFrom('seconds' as const, 'notes' as const),
  window: fc
    .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }))
    .map(([from, width]) => ({ from: from / 1000, to: (from + width) / 1000 })),
});

test('an address tells all of a view', () => {
  fc.assert(
    fc.property(view, (shown) => {
      const address = addressOf(shown);
      expect(address).toMatch(/^#[\w.&-]+$/);
      expect(viewOfAddress(address)).toEqual(shown);
    }),
  );
});

test('links name one thing, and the rest stays as it is', () => {
  // Addresses count from 1, as the page does; a view has indices.
  expect(viewOfAddress('#note-43')).toEqual({ note: 42 });
  expect(viewOfAddress('#unit-1-18')).toEqual({ unit: { layer: 0, unit: 17 } });
  expect(addressOf({ ...viewOfAddress('#maps-&axis-notes&from-1&to-10'), note: -1, unit: null, head: 0, layer: 0, tint: 'plain' } as View)).toBe('#head-1&layer-1&maps-&colour-plain&axis-notes&from-1&to-10'); // prettier-ignore
});

test('what is no address of a view tells nothing, whatever stands in it', () => {
  for (const hash of [
    '',
    '#',
    '#timeline',
    '#note-panel',
    '#unit-1',
    '#unit-0-17',
    '#note-0',
    '#note--3',
    '#note-1e9',
    '#from-5&to-2',
    '#from-0',
  ])
    expect(viewOfAddress(hash), hash).toEqual({});
  fc.assert(fc.property(fc.string(), (text) => void viewOfAddress(text)));
});
