import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choice, editDistance, flagName, nearest, number, text, whole } from '../../src/cli/options.ts';
import { UsageError } from '../../src/errors.ts';

describe('a whole-number option', () => {
  const option = whole({ min: 0, max: 100, help: '' });

  it('reads every whole number in its range', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 100 }), (n) => option.parse!(String(n)) === n));
  });

  it.each(['', ' ', '1.5', '1e2', '0x10', 'NaN', 'Infinity', '-1', '101', '7 ', 'seven', '1_000'])(
    'refuses "%s"',
    (given) => {
      expect(() => option.parse!(given)).toThrow(UsageError);
      expect(() => option.parse!(given)).toThrow('Expected a whole number from 0 to 100.');
    },
  );
});

describe('a number option', () => {
  const option = number({ above: 0, help: '' });

  it.each([
    ['0.5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-3', 0.001],
    ['+2', 2],
  ])('reads "%s"', (given, value) => {
    expect(option.parse!(given)).toBe(value);
  });

  it.each(['', '0', '-0.1', 'NaN', 'Infinity', '1e999', '0x1', '1,5', '.', 'e5'])('refuses "%s"', (given) => {
    expect(() => option.parse!(given)).toThrow('Expected a number above 0.');
  });

  it('says where its range ends', () => {
    const part = number({ min: 0, below: 1, help: '' });
    expect(() => part.parse!('1')).toThrow('Expected a number of at least 0 and below 1.');
    expect(part.parse!('0.999')).toBe(0.999);
  });
});

describe('a choice', () => {
  const option = choice(['quick', 'tutorial'], { help: '' });

  it('reads its words and shows them in the help', () => {
    expect(option.parse!('quick')).toBe('quick');
    expect(option.value).toBe('quick|tutorial');
  });

  it('names the word that was probably meant', () => {
    expect(() => option.parse!('tutoral')).toThrow('Expected quick or tutorial. Did you mean tutorial?');
    expect(() => option.parse!('xyz')).toThrow(/^Expected quick or tutorial\.$/);
  });

  it('does not know the words of Object.prototype', () => {
    expect(() => option.parse!('constructor')).toThrow(UsageError);
  });
});

it('a text must not be empty', () => {
  expect(() => text({ value: 'path', help: '' }).parse!('')).toThrow(UsageError);
});

describe('the edit distance', () => {
  const word = fc.string({ maxLength: 8 });

  it('is a metric', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });

  it('counts insertions, deletions and substitutions', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('finds the nearest word, and none for what is far from all', () => {
    expect(nearest('inspct', ['inspect', 'listen'])).toBe('inspect');
    expect(nearest('LISTEN', ['inspect', 'listen'])).toBe('listen');
    expect(nearest('train', ['inspect', 'listen'])).toBeUndefined();
  });
});

it('flags are written in kebab case', () => {
  expect(flagName('sampleRate')).toBe('--sample-rate');
});
