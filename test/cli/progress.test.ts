import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createProgress,
  formatBar,
  formatFigure,
  formatFinished,
  formatRate,
  formatStage,
  type StageState,
} from '../../src/cli/progress.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { testIo } from './run-etude.ts';
import { formatSeconds } from '../../src/text/words.ts';

const stage = (changes: Partial<StageState> = {}): StageState => ({
  label: 'Epoch 3/50',
  unit: 'step',
  done: 120,
  before: 0,
  total: 669,
  seconds: 1.56,
  figures: { loss: 2.3144, pitch: 4.02 },
  ...changes,
});

describe('the line that is drawn again and again', () => {
  it('shows epoch, steps, bar, time left, time per step and the losses', () => {
    expect(formatStage(stage(), 120, false)).toBe(
      'Epoch 3/50 120/669 ====>......................... 7s left 13 ms/step - loss: 2.3144 - pitch: 4.0200',
    );
  });

  it('is never wider than the terminal, whatever it says', () => {
    const state = fc.record({
      label: fc.string({ maxLength: 30 }),
      unit: fc.constantFrom('step', 'file', 'byte'),
      done: fc.nat(2000),
      before: fc.nat(2000),
      total: fc.oneof(fc.nat(1000), fc.constant(Infinity)),
      seconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
      figures: fc.dictionary(fc.string({ maxLength: 10 }), fc.double()),
    });
    fc.assert(
      fc.property(state, fc.nat(200), fc.boolean(), (s, width, unicode) => {
        expect(formatStage(s, width, unicode).length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('shows of bytes how many come in a second', () => {
    const bytes = stage({ label: 'Downloading', unit: 'byte', done: 12.3e6, total: 59.2e6, seconds: 4, figures: {} });
    expect(formatStage(bytes, 80, false)).toBe(
      'Downloading 12.3 MB/59.2 MB =====>........................ 15s left 3.1 MB/s',
    );
    expect(formatStage({ ...bytes, before: 11.9e6 }, 80, false)).toMatch(/ 7:49 left 100\.0 kB\/s$/);
    expect(formatFinished({ ...bytes, done: 59.2e6 })).toBe('Downloading 59.2 MB/59.2 MB 4s 14.8 MB/s');
  });

  it('shows what is done and how long it took where nobody knows of how many', () => {
    const open = stage({ label: 'Downloading', unit: 'byte', done: 2e6, total: Infinity, seconds: 4, figures: {} });
    expect(formatStage(open, 80, false)).toBe('Downloading 2.0 MB .............................. 4s 500.0 kB/s');
    expect(formatFinished(open)).toBe('Downloading 2.0 MB 4s 500.0 kB/s');
  });

  it('leaves out the last figures before the bar, and the bar before the loss', () => {
    expect(formatStage(stage(), 80, false)).toBe(
      'Epoch 3/50 120/669 >.......... 7s left 13 ms/step - loss: 2.3144 - pitch: 4.0200',
    );
    expect(formatStage(stage(), 76, false)).toBe(
      'Epoch 3/50 120/669 ===>................... 7s left 13 ms/step - loss: 2.3144',
    );
    expect(formatStage(stage(), 60, false)).toBe('Epoch 3/50 120/669 7s left 13 ms/step - loss: 2.3144');
  });

  it('does not count what was done before towards the time of a step', () => {
    expect(formatStage(stage({ done: 120, before: 100, seconds: 2, figures: {} }), 60, false)).toBe(
      'Epoch 3/50 120/669 ==>................. 55s left 100 ms/step',
    );
    expect(formatFinished(stage({ done: 669, before: 669, seconds: 2, figures: {} }))).toBe('Epoch 3/50 669/669 2s');
  });

  it('shows the time that the whole work still takes, where that is known', () => {
    expect(formatStage(stage({ secondsLeft: 754, figures: {} }), 70, false)).toContain(' 12:34 left 13 ms/step');
    expect(formatStage(stage({ done: 0, secondsLeft: 754, figures: {} }), 70, false)).toContain(' 12:34 left');
  });

  it('has no time left before the first step', () => {
    expect(formatStage(stage({ done: 0, seconds: 0, figures: {} }), 80, false)).toBe(
      'Epoch 3/50   0/669 .............................. 0s',
    );
  });
});

describe('the bar', () => {
  it('has the width asked for, and is full exactly at the end', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(60),
        fc.boolean(),
        (done, total, width, unicode) => {
          const bar = formatBar(done, total, width, unicode);
          expect(bar).toHaveLength(width);
          if (width > 0) expect(/^(━+|=+)$/.test(bar)).toBe(done >= total);
        },
      ),
    );
  });
});

it.each([
  [0, '0s'],
  [59.4, '59s'],
  [59.6, '1:00'],
  [65, '1:05'],
  [3600, '1:00:00'],
  [7389, '2:03:09'],
  [-1, '0s'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

it.each([
  [1.5, 1, '1.50 s/step'],
  [1.3, 100, '13 ms/step'],
  [0.008, 100, '80 us/step'],
  [1, 0, ''],
])('%d seconds for %d units are "%s"', (seconds, units, text) => {
  expect(formatRate(seconds, units, 'step')).toBe(text);
});

it.each([
  [0, '0'],
  [2.31444, '2.3144'],
  [-0.5, '-0.5000'],
  [0.000025, '2.5000e-5'],
  [1e7, '1.0000e+7'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
])('the figure %d is shown as %s', (value, text) => {
  expect(formatFigure(value)).toBe(text);
});

describe('a progress', () => {
  const createIn = (options: Parameters<typeof testIo>[0], verbosity = {}) => {
    const test = testIo(options);
    let time = 0;
    const progress = createProgress(new Terminal(test.io, verbosity), { now: () => time });
    return { progress, stderr: test.stderr, stdout: test.stdout, pass: (ms: number) => (time += ms) };
  };

  it('writes one line a stage where there is no terminal', () => {
    const { progress, stderr, stdout, pass } = createIn({});
    for (const epoch of [1, 2]) {
      progress.start(100, `Epoch ${epoch}/2`);
      for (let step = 1; step <= 100; step++) {
        pass(10);
        progress.update(step, { loss: 1 / epoch });
      }
      progress.finish({ loss: 1 / epoch, val_loss: 2 });
    }
    expect(stderr.text).toBe(
      'Epoch 1/2 100/100 1s 10 ms/step - loss: 1.0000 - val_loss: 2.0000\n' +
        'Epoch 2/2 100/100 1s 10 ms/step - loss: 0.5000 - val_loss: 2.0000\n',
    );
    expect(stdout.text).toBe('');
  });

  it('draws about ten times a second on a terminal, each time over the line before', () => {
    const { progress, stderr, pass } = createIn({ isTTY: true, columns: 80, env: { NO_COLOR: '1' } });
    progress.start(1000, 'Epoch 1/1');
    for (let step = 1; step <= 1000; step++) {
      pass(2);
      progress.update(step, { loss: 1 });
    }
    progress.finish();
    const drawings = stderr.text.split('\r').filter((line) => line.includes('/1000') && !line.endsWith('\n'));
    expect(drawings.length).toBeGreaterThanOrEqual(19);
    expect(drawings.length).toBeLessThanOrEqual(22);
    for (const line of drawings) expect(line.replace('\u001b[K', '').length).toBeLessThan(80);
    expect(stderr.text.endsWith('\r\u001b[KEpoch 1/1 1000/1000 2s 2 ms/step - loss: 1.0000\n')).toBe(true);
    expect(stderr.text).not.toContain('\u001b[3');
  });

  it('is coloured on a terminal that allows it, and not wider for it', () => {
    const { progress, stderr } = createIn({ isTTY: true, columns: 60, env: { LANG: 'C.UTF-8' } });
    progress.start(2, '');
    progress.update(1);
    progress.abandon();
    progress.start(1, 'b');
    expect(stderr.text).not.toContain('\u001b[32m');
    const half = createIn({ isTTY: true, columns: 60, env: { LANG: 'C.UTF-8' } });
    half.progress.start(2, '');
    half.pass(200);
    half.progress.update(1);
    expect(half.stderr.text).toContain('\u001b[32m━');
  });

  it.each([{ quiet: true }, { json: true }])('is silent with %o', (verbosity) => {
    const { progress, stderr } = createIn({ isTTY: true }, verbosity);
    progress.start(1, 'x');
    progress.update(1, { loss: 1 });
    progress.finish();
    expect(stderr.text).toBe('');
  });

  it('writes no control characters to a terminal that knows none', () => {
    const { progress, stderr } = createIn({ isTTY: true, env: { TERM: 'dumb' } });
    progress.start(1, 'x');
    progress.update(1);
    progress.finish();
    expect(stderr.text).toBe('x 1/1 0s 0 us/step\n');
  });

  it('erases a stage that is given up, and then knows none', () => {
    const { progress, stderr } = createIn({ isTTY: true, columns: 40, env: {} });
    progress.start(10, 'x');
    progress.abandon();
    expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
    const before = stderr.text;
    progress.update(5);
    progress.finish();
    progress.abandon();
    expect(stderr.text).toBe(before);
  });
});

it('a finished stage keeps its last figures', () => {
  expect(formatFinished(stage({ done: 669, seconds: 9 }))).toBe(
    'Epoch 3/50 669/669 9s 13 ms/step - loss: 2.3144 - pitch: 4.0200',
  );
});
