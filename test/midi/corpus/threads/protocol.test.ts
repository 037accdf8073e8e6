import { describe, expect, it } from 'vitest';

import { DataError, EtudeError, UsageError } from '../../../../src/errors.ts';
import { describeFailure, reviveFailure } from '../../../../src/midi/corpus/threads/protocol.ts';
import { MidiError } from '../../../../src/midi/read/midi-error.ts';

/** What becomes of something thrown on its way to another thread. */
function sent(thrown: unknown): Error {
  return reviveFailure(structuredClone(describeFailure(thrown)));
}

describe('an error that crosses threads', () => {
  it('still says whose fault it was, in the same words', () => {
    const midi = sent(new MidiError('too-short', 'a short file'));
    expect(midi).toBeInstanceOf(DataError);
    expect(midi.message).toBe('a short file');
    expect(sent(new UsageError('a wrong option'))).toBeInstanceOf(UsageError);
    expect(sent(new EtudeError('neither')).constructor).toBe(EtudeError);
    expect(sent(new TypeError('a defect')).constructor).toBe(Error);
  });

  it('keeps the stack of where it was thrown', () => {
    const error = new DataError('here');
    expect(sent(error).stack).toBe(error.stack);
  });

  it('may be anything that can be thrown', () => {
    expect(sent('a text')).toMatchObject({ message: 'a text' });
    expect(sent(undefined)).toMatchObject({ message: 'undefined' });
    expect(sent(new Error('x', { cause: () => 0 }))).toMatchObject({ message: 'x' });
  });
});
