import { describe, expect, it } from 'vitest';

import { InterruptedError } from '../../src/cli/exit-codes.ts';
import { slowly } from '../../src/cli/slow-progress.ts';
import { Terminal, type Verbosity } from '../../src/cli/terminal.ts';
import { testIo } from './run-etude.ts';

/** What is written while some work reports its part at these milliseconds. */
async function written(reports: [at: number, part: number][], isTTY: boolean, verbosity: Verbosity = {}) {
  const { io, stderr } = testIo({ isTTY });
  let time = 0;
  const slow = { what: 'baking a cake', signal: new AbortController().signal, now: () => time };
  const result = await slowly(slow, new Terminal(io, verbosity), ({ onProgress }) => {
    for (const [at, part] of reports) {
      time = at;
      onProgress!(part);
    }
    return Promise.resolve('a cake');
  });
  expect(result).toBe('a cake');
  return stderr.text;
}

describe('work that is usually done at once', () => {
  const reports: [number, number][] = [[300, 0.1], [999, 0.3], [1000, 0.401], [2500, 0.999]]; // prettier-ignore

  it('is not spoken of in its first second', async () => {
    for (const isTTY of [false, true]) expect(await written(reports.slice(0, 2), isTTY)).toBe('');
  });

  it('shows on a terminal what part is done, and takes the line away at the end', async () => {
    expect(await written(reports, true)).toBe('\rBaking a cake: 40 %\u001b[K\rBaking a cake: 99 %\u001b[K\r\u001b[K');
  });

  it('is one line elsewhere, and none with --quiet or --json', async () => {
    expect(await written(reports, false)).toBe('Baking a cake …\n');
    for (const verbosity of [{ quiet: true }, { json: true }]) expect(await written(reports, true, verbosity)).toBe('');
  });

  it('ends with a sentence when Ctrl-C stops it, and with its own error when it fails', async () => {
    const terminal = new Terminal(testIo().io);
    const controller = new AbortController();
    const slow = { what: 'baking a cake', signal: controller.signal };
    const failing = slowly(slow, terminal, () => Promise.reject(new RangeError('no eggs')));
    await expect(failing).rejects.toThrow(RangeError);
    const stopped = slowly(slow, terminal, ({ signal }) => {
      controller.abort();
      return Promise.resolve().then(() => {
        signal!.throwIfAborted();
      });
    });
    await expect(stopped).rejects.toThrow(
      new InterruptedError('interrupted while baking a cake; nothing was written to the run folder.'),
    );
  });
});
