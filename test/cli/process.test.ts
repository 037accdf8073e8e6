import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { interruptsOf, quietPipes } from '../../src/cli/process.ts';

describe('Ctrl-C', () => {
  const setUp = () => {
    const source = new EventEmitter();
    const exits: number[] = [];
    return { source, exits, interrupts: interruptsOf(source, (code) => exits.push(code)) };
  };

  it('is left to the system until a command takes it', () => {
    const { source, interrupts } = setUp();
    expect(source.listenerCount('SIGINT')).toBe(0);
    expect(interrupts.ask()).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'])('asks with the first %s and ends at once with the second', (name) => {
    const { source, exits, interrupts } = setUp();
    const signal = interrupts.take();
    expect(interrupts.take()).toBe(signal);
    source.emit(name);
    expect(signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    source.emit('SIGINT');
    expect(exits).toEqual([130]);
  });
});

describe('a closed pipe', () => {
  const setUp = () => {
    const [stdout, stderr, source] = [new EventEmitter(), new EventEmitter(), new EventEmitter()];
    const interrupts = interruptsOf(source, () => undefined);
    let exits = 0;
    quietPipes(stdout, stderr, interrupts, () => exits++);
    return { stdout, stderr, interrupts, exits: () => exits };
  };
  const epipe = Object.assign(new Error('EPIPE'), { code: 'EPIPE' });

  it('on stdout ends a command that saves nothing', () => {
    const { stdout, exits } = setUp();
    stdout.emit('error', epipe);
    expect(exits()).toBe(1);
  });

  it('on stdout asks a command that saves to stop', () => {
    const { stdout, interrupts, exits } = setUp();
    const signal = interrupts.take();
    stdout.emit('error', epipe);
    expect(signal.aborted).toBe(true);
    expect(exits()).toBe(0);
  });

  it('on stderr is no reason to stop', () => {
    const { stderr, exits } = setUp();
    stderr.emit('error', epipe);
    expect(exits()).toBe(0);
  });

  it('hides no other error', () => {
    const { stdout, stderr } = setUp();
    const other = Object.assign(new Error('EIO'), { code: 'EIO' });
    expect(() => stdout.emit('error', other)).toThrow('EIO');
    expect(() => stderr.emit('error', other)).toThrow('EIO');
  });
});
