import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { lifeOf, ownIdentity } from '../../src/cli/process-identity.ts';

/** The number of a process that has ended and been waited for. */
async function goneProcess(): Promise<number> {
  const child = spawn('true');
  await once(child, 'close');
  return child.pid!;
}

describe('the process that wrote down its identity', () => {
  it('runs as long as it does', () => {
    expect(lifeOf(ownIdentity())).toBe('runs');
    expect(lifeOf(JSON.parse(JSON.stringify(ownIdentity())) as typeof own)).toBe('runs');
  });
  const own = ownIdentity();

  it('is gone when it has ended', async () => {
    expect(lifeOf({ ...own, pid: await goneProcess() })).toBe('gone');
  });

  it.skipIf(own.started === null)('is gone when its number has been given to another (skipped where no start is known)', () => {
    expect(lifeOf({ ...own, started: 'long ago' })).toBe('gone');
  }); // prettier-ignore

  it('runs for all we know where the system did not say when it began', () => {
    expect(lifeOf({ ...own, started: null })).toBe('runs');
  });

  it('cannot be looked at on another machine, or in another container', () => {
    expect(lifeOf({ ...own, host: 'elsewhere' })).toBe('unknown');
    expect(lifeOf({ ...own, space: 'pid:[1]' })).toBe('unknown');
  });

  it.skipIf(process.platform !== 'linux')('is gone when it is dead and nobody has taken notice (skipped where /proc is not)', async () => {
    // A shell that becomes another program never waits for its child.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 20']);
    const [bytes] = (await once(parent.stdout, 'data')) as [Buffer];
    try {
      await expect.poll(() => lifeOf({ ...own, pid: Number(String(bytes)), started: null })).toBe('gone');
    } finally {
      parent.kill('SIGKILL');
    }
  }); // prettier-ignore
});
