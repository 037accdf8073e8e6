import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { interruptsOf, watchPipes } from '../../src/cli/process.ts';

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

  it('that is a closed terminal asks, however often it says so, and never ends at once', () => {
    const { source, exits, interrupts } = setUp();
    const signal = interrupts.take();
    source.emit('SIGHUP');
    expect(signal.aborted).toBe(true);
    source.emit('SIGHUP');
    expect(exits).toEqual([]);
    source.emit('SIGINT');
    expect(exits).toEqual([130]);
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

describe('an output that cannot be written', () => {
  const setUp = () => {
    const [stdout, source] = [new EventEmitter(), new EventEmitter()];
    const said: string[] = [];
    const stderr = Object.assign(new EventEmitter(), { write: (text: string) => said.push(text) });
    const interrupts = interruptsOf(source, () => undefined);
    const exits: number[] = [];
    const { failed } = watchPipes(stdout, stderr, interrupts, (code) => exits.push(code));
    return { stdout, stderr, interrupts, exits, failed, said };
  };
  const error = (code: string) => Object.assign(new Error(`${code}: it is so`), { code });

  it.each(['EPIPE', 'EIO'])('because its reader has gone (%s) ends a command that saves nothing, quietly', (code) => {
    const { stdout, exits, failed, said } = setUp();
    stdout.emit('error', error(code));
    expect({ exits, said, failed: failed() }).toEqual({ exits: [0], said: [], failed: false });
  });

  it.each(['EPIPE', 'EIO', 'ENOSPC'])('(%s) asks a command that saves to stop', (code) => {
    const { stdout, interrupts, exits } = setUp();
    const signal = interrupts.take();
    stdout.emit('error', error(code));
    expect(signal.aborted).toBe(true);
    expect(exits).toEqual([]);
  });

  it('because there is no room is a failure, and is said once', () => {
    const { stdout, exits, failed, said } = setUp();
    stdout.emit('error', error('ENOSPC'));
    stdout.emit('error', error('ENOSPC'));
    expect(exits).toEqual([1, 1]);
    expect(failed()).toBe(true);
    expect(said).toEqual(['etude: the output cannot be written: ENOSPC: it is so.\n']);
  });

  it.each(['EPIPE', 'EIO', 'ENOSPC'])('(%s) is no reason to stop where it is chatter', (code) => {
    const { stderr, exits, failed } = setUp();
    stderr.emit('error', error(code));
    expect({ exits, failed: failed() }).toEqual({ exits: [], failed: false });
  });
});
