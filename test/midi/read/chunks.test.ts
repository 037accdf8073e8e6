import { describe, expect, it } from 'vitest';
import { nextTrack } from '../../../src/midi/read/chunks.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { chunk, endOfTrack, latin1, trackName } from '../../support/midi-bytes.ts';

const body = [...trackName(0, 'MTrk MTrk'), ...endOfTrack()];
const other = chunk('MTrk', endOfTrack());

function next(bytes: number[], isLast = false, pos = 0) {
  const problems = new ProblemList();
  const track = nextTrack(Uint8Array.from(bytes), pos, bytes.length, isLast, problems);
  return { track, problems: problems.toArray().map(({ code }) => code) };
}

describe('nextTrack', () => {
  it('believes a length that leads to a track, to another chunk or to the end', () => {
    for (const after of [[], other, chunk('Junk', [1, 2])]) {
      expect(next([...chunk('MTrk', body), ...after]).track).toEqual({
        start: 8,
        stated: 8 + body.length,
        hardEnd: 8 + body.length,
        statedIsTrusted: true,
        length: 'right',
      });
    }
  });

  it('ends a track whose length is too long where the next begins after End-of-Track', () => {
    for (const stated of [body.length + 1, body.length + 6, 0xffffffff]) {
      const { track } = next([...chunk('MTrk', body, stated), ...other]);
      expect(track).toMatchObject({ length: 'too-long', hardEnd: 8 + body.length });
    }
  });

  it('ends a track that states more than there is with the file', () => {
    const { track } = next(chunk('MTrk', body, body.length + 9), true);
    expect(track).toMatchObject({ length: 'past-end-of-file', hardEnd: 8 + body.length, stated: 17 + body.length });
  });

  it('lets a track whose length leads nowhere go on to the next one at most', () => {
    const { track } = next([...chunk('MTrk', body, 3), ...other]);
    // The track's own name holds "MTrk", which is as far as its first event may go.
    expect(track).toMatchObject({ length: 'doubtful', hardEnd: 12, statedIsTrusted: false });
  });

  it('trusts the length of the last declared track, whatever follows', () => {
    const { track } = next([...chunk('MTrk', body), 0, 0], true);
    expect(track).toMatchObject({ length: 'doubtful', stated: 8 + body.length, statedIsTrusted: true });
  });

  it('skips other chunks by their length, even with a track inside', () => {
    const bytes = [...chunk('Sqnc', other), ...chunk('Anno', [1, 2, 3]), ...other];
    expect(next(bytes)).toMatchObject({ track: { start: bytes.length - 4 }, problems: ['unknown-chunk'] });
  });

  it('does not skip by a length that leads nowhere, but looks for the next track', () => {
    for (const junk of [chunk('Junk', [1], 900), [0], latin1('M'), [...chunk('Junk', [1, 2]), 0xff]]) {
      const { track, problems } = next([...junk, ...other]);
      expect(track).toMatchObject({ start: junk.length + 8, length: 'right' });
      expect(problems).toEqual(['junk-between-chunks']);
    }
  });

  it('finds no track where there is none, or only the beginning of one', () => {
    for (const bytes of [[], [0, 0, 0, 0, 0, 0, 0, 0, 0], latin1('MTrk\0\0\0'), chunk('Junk', [1])]) {
      expect(next(bytes).track).toBeUndefined();
    }
  });
});
