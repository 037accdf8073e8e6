import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/cli/files.ts';
import { ownIdentity } from '../../src/cli/process-identity.ts';
import { checkRunFolder, createRunFolder } from '../../src/cli/run-folder.ts';
import { isOfLock, RunLock } from '../../src/cli/run-lock.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A lock as a process would leave it that is of this machine and gone, or otherwise as `change` says. */
function lockText(change: Record<string, unknown> = {}): string {
  const pid = spawnSync('true').pid;
  return JSON.stringify({ ...ownIdentity(), pid, since: '2026-01-02T03:04:05.678Z', id: 'abc', ...change });
}

/** A folder with such a lock. */
function folderWithLock(text: string, name = 'run.lock'): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), text);
  return folder;
}

function refusal(folder: string): FileError {
  try {
    RunLock.take(folder).release();
  } catch (thrown) {
    if (thrown instanceof FileError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
}

describe('the lock of a run folder', () => {
  it('is one file that names process, host and time, and is gone when it is given back', () => {
    const folder = temporaryFolder();
    const lock = RunLock.take(folder);
    expect(readdirSync(folder)).toEqual(['run.lock']);
    const { pid, host, since } = JSON.parse(readFileSync(join(folder, 'run.lock'), 'utf8')) as Record<string, unknown>;
    expect({ pid, host }).toEqual({ pid: process.pid, host: ownIdentity().host });
    expect(Math.abs(Date.now() - Date.parse(since as string))).toBeLessThan(60_000);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused, with who has it, until it is given back', () => {
    const folder = temporaryFolder();
    const lock = RunLock.take(folder);
    expect(refusal(folder)).toMatchObject({ code: 'held', path: folder });
    expect(refusal(folder).message).toMatch(
      new RegExp(`another run is at work in this folder \\(process ${process.pid}, since 2.*\\)\\. Wait until it ends`),
    );
    expect(readdirSync(folder)).toEqual(['run.lock']);
    lock.release();
    RunLock.take(folder).release();
  });

  it('makes its folder, and removes what it made where nothing came into it', () => {
    const base = temporaryFolder();
    const lock = RunLock.take(join(base, 'a/b/c'));
    expect(existsSync(join(base, 'a/b/c/run.lock'))).toBe(true);
    lock.release();
    expect(readdirSync(base)).toEqual([]);
    const used = RunLock.take(join(base, 'a/b'));
    writeFileSync(join(base, 'a/b/kept'), '');
    used.release();
    expect(readdirSync(join(base, 'a/b'))).toEqual(['kept']);
  });

  it('leaves nothing to the process that ends with it in hand', () => {
    const before = process.listenerCount('exit');
    const lock = RunLock.take(temporaryFolder());
    expect(process.listenerCount('exit')).toBe(before + 1);
    lock.release();
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('is taken from a process that is gone, and from one that was killed as it did the same', () => {
    const folder = folderWithLock(lockText());
    writeFileSync(join(folder, 'run.lock.over'), lockText({ id: 'b' }));
    writeFileSync(join(folder, 'run.lock.over.over'), lockText({ id: 'c' }));
    const lock = RunLock.take(folder);
    expect(readdirSync(folder)).toEqual(['run.lock']);
    expect(readFileSync(join(folder, 'run.lock'), 'utf8')).toContain(`"pid":${process.pid}`);
    lock.release();
  });

  it('is not taken while another process is about to take it from one that is gone', () => {
    const folder = folderWithLock(lockText());
    writeFileSync(join(folder, 'run.lock.over'), lockText(ownIdentity() as unknown as Record<string, unknown>));
    expect(refusal(folder).code).toBe('held');
    expect(readdirSync(folder).sort()).toEqual(['run.lock', 'run.lock.over']);
  });

  it('is left alone where nobody can see whether its run is at work; the message says how to remove it', () => {
    for (const text of [lockText({ host: 'elsewhere' }), lockText({ space: 'pid:[1]' })]) {
      const folder = folderWithLock(text);
      expect(refusal(folder).message).toMatch(/another machine or in another container.*cannot be seen from here/);
      expect(refusal(folder).message).toContain(`remove ${join(folder, 'run.lock')} and try again`);
      expect(readFileSync(join(folder, 'run.lock'), 'utf8')).toBe(text);
    }
  });

  it.each(['', '{', 'null', '{"pid":"1"}', '[]'])('that reads %j is left alone; the message says how to remove it', (text) => {
    const folder = folderWithLock(text);
    expect(refusal(folder).message).toMatch(/cannot be understood.*If no run is active here, remove \S+run\.lock/);
  }); // prettier-ignore

  it('stays with whoever has it when it was removed by hand and taken anew', () => {
    const folder = temporaryFolder();
    const lock = RunLock.take(folder);
    writeFileSync(join(folder, 'run.lock'), lockText(ownIdentity() as unknown as Record<string, unknown>));
    lock.release();
    expect(readdirSync(folder)).toEqual(['run.lock']);
  });

  it('is no content of its folder: where a run was killed before it wrote anything, another may begin', () => {
    const folder = folderWithLock(lockText());
    for (const name of ['run.lock.over', '.run.lock.0123456789ab.tmp', '.run.lock.over.0123456789ab.tmp']) {
      expect(isOfLock(name)).toBe(true);
      writeFileSync(join(folder, name), '');
    }
    checkRunFolder(folder);
    createRunFolder(folder);
    expect(readdirSync(folder).sort()).toEqual(['run.lock', 'run.lock.over', 'samples']);
    for (const name of ['run.lock.txt', 'my.run.lock', '.last.safetensors.0123456789ab.tmp']) {
      expect(isOfLock(name)).toBe(false);
    }
  });

  it('cannot be taken where a file is in its place, or nothing may be written', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(refusal(join(folder, 'file')).code).toBe('not-a-folder');
    mkdirSync(join(folder, 'run.lock'));
    expect(refusal(folder)).toBeInstanceOf(FileError);
  });
});
