import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import {
  MAX_NOTES,
  MAX_TITLED_NOTES,
  pianoRoll,
  type PianoRollOptions,
  type RollNote,
} from '../../src/plot/piano-roll.ts';
import { textWidth } from '../../src/plot/svg.ts';
import { classes, LOUDNESS_STEPS } from '../../src/plot/theme.ts';
import {
  allNamed,
  allOfClass,
  overlaps,
  parseSvg,
  type SvgNode,
  textBoxes,
  writtenTexts,
} from '../support/svg-tree.ts';

const roll = (notes: RollNote[], options: Partial<PianoRollOptions> = {}): SvgNode =>
  parseSvg(pianoRoll({ title: 'Piece', notes, ...options }));
/** The rectangles of notes: those that have a title. */
const rects = (root: SvgNode): SvgNode[] => allNamed(root, 'rect').filter((node) => node.children.length > 0);
const number = (node: SvgNode, key: string): number => Number(node.attributes[key]);
/** `count` notes of many pitches and velocities, ten a second. */
const many = (count: number): RollNote[] =>
  Array.from({ length: count }, (_, i) => ({
    pitch: 21 + ((i * 37) % 88),
    velocity: 1 + ((i * 53) % 127),
    start: i / 10,
    end: i / 10 + 0.4,
  }));

describe('the pedal of a piano roll', () => {
  const note = { pitch: 60, start: 0, end: 10 };
  const bands = (root: SvgNode): string[] =>
    allNamed(root, 'g')
      .filter(({ children }) => children.some((child) => typeof child === 'object' && child.name === 'title'))
      .flatMap((group) => allNamed(group, 'path').map(({ attributes }) => attributes.d));

  it('is a band as wide as it is down, below the keys', () => {
    const root = roll([note], { pedal: [1, 3, 4, 4.5] });
    const [d] = bands(root);
    const widths = [...d.matchAll(/h(\d+(?:\.\d+)?)v/g)].map(([, width]) => Number(width));
    expect(widths).toHaveLength(2);
    expect(widths[0] / widths[1]).toBeCloseTo(4, 1);
    const [box] = rects(root);
    const tops = [...d.matchAll(/M\S+ (\S+?)h/g)].map(([, y]) => Number(y));
    expect(Math.min(...tops)).toBeGreaterThan(number(box, 'y') + number(box, 'height'));
  });

  it('is cut where the range ends, and is not there without a pedal', () => {
    const cut = bands(roll([note], { pedal: [1, 3, 4, 9], range: [2, 4] }))[0];
    expect(cut.match(/M/g)).toHaveLength(1);
    expect(bands(roll([note]))).toEqual([]);
  });
});

describe('pianoRoll', () => {
  it('is an image that says what it shows', () => {
    const root = roll([
      { pitch: 60, velocity: 90, start: 0, end: 1 },
      { pitch: 67, velocity: 50, start: 1, end: 2.5 },
    ]);
    expect(root.attributes).toMatchObject({ role: 'img', 'aria-label': 'Piece' });
    expect(allNamed(root, 'desc')[0].text).toBe('Piano roll from 0.00 to 2.50 seconds: 2 notes between C4 and G4.');
    expect(writtenTexts(root)).toEqual(expect.arrayContaining(['Piece', 'time (s)', 'C4', 'soft', 'loud']));
  });

  it('draws each note where it stands, higher keys higher up, and names it under the pointer', () => {
    const root = roll([
      { pitch: 60, velocity: 90, start: 0, end: 1 },
      { pitch: 61, velocity: 90, start: 2, end: 4 },
    ]);
    const [c, cis] = rects(root);
    expect(c.children[0].text).toBe('C4 (60), velocity 90, 0.00 to 1.00 s');
    expect(cis.children[0].text).toBe('C#4 (61), velocity 90, 2.00 to 4.00 s');
    expect(number(cis, 'y')).toBeLessThan(number(c, 'y'));
    expect(number(cis, 'width') / number(c, 'width')).toBeCloseTo(2, 1);
    const second = (number(cis, 'x') - number(c, 'x')) / 2;
    expect(number(c, 'width') / second).toBeCloseTo(1, 1);
  });

  it('puts the name of a C beside the row of that C', () => {
    for (const pitch of [24, 60, 96]) {
      const root = roll([{ pitch, start: 0, end: 1 }]);
      const label = allNamed(root, 'text').find((node) => node.text === `C${pitch / 12 - 1}`)!;
      const [note] = rects(root);
      expect(number(label, 'y') - 4).toBeCloseTo(number(note, 'y') + number(note, 'height') / 2, 1);
    }
  });

  it('shades a row for each black key: five to the octave', () => {
    const [shade] = allOfClass(
      roll([
        { pitch: 60, start: 0, end: 1 },
        { pitch: 83, start: 0, end: 1 },
      ]),
      classes.shade,
    );
    expect(shade.attributes.d.match(/M/g)?.length).toBe(10);
  });

  it('colours notes by velocity, loud ones on top, and explains the colours only where there are velocities', () => {
    const root = roll([127, 1, 64].map((velocity, i) => ({ pitch: 60 + i, velocity, start: 0, end: 1 })));
    const steps = allNamed(root, 'g').flatMap((node) => /loudness-(\d)/.exec(node.attributes.class ?? '')?.[1] ?? []);
    expect(steps).toEqual(['0', '4', String(LOUDNESS_STEPS - 1)]);
    expect(writtenTexts(roll([{ pitch: 60, start: 0, end: 1 }]))).not.toContain('loud');
  });

  it('shows the seconds asked for, and cuts notes that reach beyond them', () => {
    const root = roll(
      [
        { pitch: 60, start: 0, end: 1.5 },
        { pitch: 62, start: 1.2, end: 1.4 },
        { pitch: 64, start: 1.9, end: 9 },
        { pitch: 65, start: 0, end: 0.9 },
        { pitch: 67, start: 2, end: 3 },
      ],
      { range: [1, 2] },
    );
    const shown = rects(root);
    expect(shown.map((node) => node.children[0].text.slice(0, 2))).toEqual(['C4', 'D4', 'E4']);
    for (const node of shown) {
      expect(number(node, 'x')).toBeGreaterThan(40);
      expect(number(node, 'x') + number(node, 'width')).toBeLessThanOrEqual(960 - 24);
    }
  });

  it('says so where there are no notes', () => {
    expect(writtenTexts(roll([]))).toContain('no notes');
    expect(writtenTexts(roll([{ pitch: 60, start: 5, end: 6 }], { range: [0, 1] }))).toContain('no notes');
  });

  it('keeps 10,000 notes small, one path a loudness, each note in it', () => {
    const markup = pianoRoll({ title: 'Piece', notes: many(10_000) });
    expect(markup.length).toBeLessThan(200_000);
    const root = parseSvg(markup);
    expect(rects(root).length).toBe(0);
    const paths = allNamed(root, 'path').filter((node) => node.attributes.class.includes('loudness'));
    expect(paths.length).toBe(LOUDNESS_STEPS);
    expect(paths.reduce((sum, node) => sum + node.attributes.d.match(/M/g)!.length, 0)).toBe(10_000);
    expect(rects(roll(many(MAX_TITLED_NOTES))).length).toBe(MAX_TITLED_NOTES);
  });

  it('draws the first 50,000 notes at most, and says so', () => {
    const notes = many(MAX_NOTES + 1);
    const markup = pianoRoll({ title: 'Piece', notes: notes.reverse() });
    expect(markup.length).toBeLessThan(1_000_000);
    expect(markup).toContain('the first 50,000 of 50,001 notes');
    expect(markup.match(/h[\d.]+/g)!.length).toBeGreaterThanOrEqual(MAX_NOTES);
  });

  it('is well-formed, inside its frame, without cut-off or overlapping text, whatever notes come', () => {
    const note = fc.record(
      {
        pitch: fc.integer({ min: 0, max: 127 }),
        velocity: fc.integer({ min: 0, max: 127 }),
        start: fc.double({ min: 0, max: 1e4, noNaN: true }),
        length: fc.double({ min: 0, max: 100, noNaN: true }),
      },
      { requiredKeys: ['pitch', 'start', 'length'] },
    );
    fc.assert(
      fc.property(fc.array(note, { maxLength: 30 }), fc.integer({ min: 320, max: 1_500 }), (list, width) => {
        const root = roll(
          list.map(({ length, ...rest }) => ({ ...rest, end: rest.start + length })),
          { width },
        );
        expect(rects(root).length).toBe(list.length);
        for (const node of rects(root)) {
          expect(number(node, 'x')).toBeGreaterThan(0);
          expect(number(node, 'width')).toBeGreaterThan(0);
          expect(number(node, 'x') + number(node, 'width')).toBeLessThanOrEqual(width);
          expect(number(node, 'y') + number(node, 'height')).toBeLessThan(number(root, 'height') - 40);
        }
        const boxes = textBoxes(root, (content) => textWidth(content, 12));
        expect(overlaps(boxes)).toEqual([]);
        for (const box of boxes) expect(box.left >= 0 && box.right <= width).toBe(true);
      }),
    );
  });

  it('refuses notes, ranges and sizes that cannot be drawn, and says which', () => {
    const good = { pitch: 60, velocity: 90, start: 0, end: 1 };
    for (const bad of [{ pitch: 128 }, { pitch: 60.5 }, { velocity: 200 }, { start: NaN }, { end: Infinity }]) {
      expect(() => roll([good, { ...good, ...bad }])).toThrow(UsageError);
      expect(() => roll([good, { ...good, ...bad }])).toThrow(/note 1/);
    }
    for (const range of [
      [1, 1],
      [2, 1],
      [NaN, 2],
    ] as const)
      expect(() => roll([good], { range })).toThrow(UsageError);
    expect(() => roll([good], { width: 0 })).toThrow(UsageError);
  });
});
