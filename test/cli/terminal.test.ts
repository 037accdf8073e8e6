import { describe, expect, it } from 'vitest';
import { Terminal, showsUnicode, wantsColor } from '../../src/cli/terminal.ts';
import { testIo } from './run-etude.ts';

describe('what is written where', () => {
  it('data goes to stdout, chatter and errors to stderr', () => {
    const { io, stdout, stderr } = testIo();
    const terminal = new Terminal(io);
    terminal.print('data');
    terminal.printJson({ a: [1, 0.1] });
    terminal.say('chatter');
    terminal.warn('look');
    terminal.error('wrong');
    expect(stdout.text).toBe('data\n{"a":[1,0.1]}\n');
    expect(stderr.text).toBe('chatter\nlook\netude: wrong\n');
  });

  it('quiet silences chatter, not errors', () => {
    const { io, stdout, stderr } = testIo();
    const terminal = new Terminal(io, { quiet: true });
    terminal.print('data');
    terminal.say('chatter');
    terminal.warn('look');
    terminal.error('wrong');
    expect(stdout.text).toBe('data\n');
    expect(stderr.text).toBe('etude: wrong\n');
  });

  it('an error is one paragraph', () => {
    const { io, stderr } = testIo();
    new Terminal(io).error('first\n  second\n\nthird\n');
    expect(stderr.text).toBe('etude: first second third\n');
  });
});

describe('colour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, false, false],
    [{ TERM: 'dumb' }, true, false],
  ])('with %o and a terminal: %s gives %s', (env, isTTY, expected) => {
    expect(wantsColor({ write: () => undefined, isTTY }, env)).toBe(expected);
  });

  it('each stream decides for itself', () => {
    const { io, stdout, stderr } = testIo();
    stderr.isTTY = true;
    const terminal = new Terminal(io);
    terminal.error('wrong');
    terminal.print(terminal.colors.red('data'));
    expect(stderr.text).toContain('\u001b[31m');
    expect(stdout.text).toBe('data\n');
  });
});

it.each([
  [{ LANG: 'en_US.UTF-8' }, 'linux', true],
  [{ LANG: 'C' }, 'linux', false],
  [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, 'linux', false],
  [{}, 'linux', false],
  [{}, 'darwin', true],
])('%o on %s shows Unicode: %s', (env, platform, expected) => {
  expect(showsUnicode(env, platform)).toBe(expected);
});

it('the first Ctrl-C says what happens next', () => {
  const { io, stderr, interrupt } = testIo();
  const signal = new Terminal(io).interrupts('saving the model');
  expect(stderr.text).toBe('');
  interrupt();
  expect(signal.aborted).toBe(true);
  expect(stderr.text).toContain('etude: saving the model; press Ctrl-C again to end at once.');
});

it('a later promise takes the place of an earlier one, and is said once', () => {
  const { io, stderr, interrupt } = testIo();
  const terminal = new Terminal(io);
  expect(terminal.interrupts('stopping')).toBe(terminal.interrupts('saving the model'));
  interrupt();
  expect(stderr.text).toBe('\netude: saving the model; press Ctrl-C again to end at once.\n');
});
