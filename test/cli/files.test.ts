import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileError, checkOutputFile, formatBytes, makeFolder, writeFileAtomic } from '../../src/cli/files.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Runs `act` without root's right to write everywhere. */
function asNobody(act: () => void): void {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid!(65_534);
  try {
    act();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FileError) return thrown.code;
    throw thrown;
  }
  return 'nothing thrown';
}

describe('writing a file atomically', () => {
  it('writes bytes and text, and says how many bytes', () => {
    const folder = temporaryFolder();
    expect(writeFileAtomic(join(folder, 'a'), new Uint8Array([1, 2, 3]))).toBe(3);
    expect(writeFileAtomic(join(folder, 'b'), 'häh')).toBe(4);
    expect([...readFileSync(join(folder, 'a'))]).toEqual([1, 2, 3]);
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('häh');
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  it('makes missing parent folders', () => {
    const path = join(temporaryFolder(), 'x/y/z.txt');
    writeFileAtomic(path, 'z');
    expect(readFileSync(path, 'utf8')).toBe('z');
  });

  it('refuses to replace a file, and leaves it as it was', () => {
    const path = join(temporaryFolder(), 'a');
    writeFileSync(path, 'old');
    expect(() => writeFileAtomic(path, 'new')).toThrow(/already there.*--force/);
    expect(codeOf(() => writeFileAtomic(path, 'new'))).toBe('exists');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('replaces a file when forced, and keeps its permissions', () => {
    const path = join(temporaryFolder(), 'a');
    writeFileSync(path, 'old');
    chmodSync(path, 0o640);
    writeFileAtomic(path, 'new', { force: true });
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('replaces the file that a link leads to, not the link', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a'), 'old');
    symlinkSync('a', join(folder, 'link'));
    writeFileAtomic(join(folder, 'link'), 'new', { force: true });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  it('refuses a folder, even when forced', () => {
    const folder = temporaryFolder();
    expect(codeOf(() => writeFileAtomic(folder, 'x', { force: true }))).toBe('is-folder');
  });

  it('refuses a path through a file', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(codeOf(() => writeFileAtomic(join(folder, 'file/x'), 'x'))).toBe('not-a-folder');
    expect(codeOf(() => writeFileAtomic(join(folder, 'file/x/y'), 'x'))).toBe('not-a-folder');
  });

  it('refuses a folder that may not be written', () => {
    const parent = temporaryFolder();
    chmodSync(parent, 0o755);
    const folder = join(parent, 'locked');
    mkdirSync(folder, { mode: 0o555 });
    asNobody(() => {
      expect(codeOf(() => writeFileAtomic(join(folder, 'x'), 'x'))).toBe('not-writable');
      expect(codeOf(() => writeFileAtomic(join(folder, 'sub/x'), 'x'))).toBe('not-writable');
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('refuses a place where nobody may write, and says what to do', () => {
    // Nothing can be made in /proc, not even by root.
    for (const act of [() => writeFileAtomic('/proc/etude-test', 'x'), () => makeFolder('/proc/etude-test/x')]) {
      expect(codeOf(act)).toBe('not-writable');
      expect(act).toThrow(/nothing can be made, as in \/proc\. Choose another place/);
      expect(act).not.toThrow(/ENOENT/);
    }
  });

  it('refuses a name that the system finds too long, and says so', () => {
    const path = join(temporaryFolder(), 'x'.repeat(300));
    expect(codeOf(() => makeFolder(path))).toBe('not-writable');
    expect(() => makeFolder(path)).toThrow(/choose a shorter one/);
  });

  it('goes on where a write took only a part', () => {
    const path = join(temporaryFolder(), 'a');
    const write = (file: number, bytes: Uint8Array, from: number): number =>
      writeSync(file, bytes, from, Math.min(3, bytes.length - from));
    writeFileAtomic(path, 'ten bytes.', { write });
    expect(readFileSync(path, 'utf8')).toBe('ten bytes.');
  });

  it('leaves the old file and nothing else when the disk fills up in the middle', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a');
    writeFileSync(path, 'old');
    let writes = 0;
    const write = (file: number, bytes: Uint8Array, from: number): number => {
      if (writes++ > 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      return writeSync(file, bytes, from, 4);
    };
    const attempt = (): unknown => writeFileAtomic(path, 'x'.repeat(2_500_000), { force: true, write });
    expect(attempt).toThrow(/disk is full: 2\.5 MB are needed, .* are free\. This file was not written/);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it.skipIf(!existsSync('/dev/full'))('says so when a device is full', () => {
    expect(codeOf(() => writeFileAtomic('/dev/full', 'x'))).toBe('disk-full');
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it.skipIf(!existsSync('/dev/null'))('writes into a device instead of replacing it', () => {
    writeFileAtomic('/dev/null', 'x', { force: true });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('leaves nothing behind on a real full disk', (context) => {
    const folder = join(temporaryFolder(), 'disk');
    mkdirSync(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('mounting a small disk is not allowed here');
    }
    try {
      expect(codeOf(() => writeFileAtomic(join(folder, 'sub/a'), new Uint8Array(1_000_000)))).toBe('disk-full');
      expect(readdirSync(join(folder, 'sub'))).toEqual([]);
      writeFileAtomic(join(folder, 'b'), new Uint8Array(1000));
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('asking before the work', () => {
  it('says the same as writing would, and changes nothing', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a'), 'old');
    expect(codeOf(() => { checkOutputFile(join(folder, 'a')); })).toBe('exists'); // prettier-ignore
    checkOutputFile(join(folder, 'a'), { force: true });
    checkOutputFile(join(folder, 'x/y/z'));
    expect(codeOf(() => { checkOutputFile(join(folder, 'a/z')); })).toBe('not-a-folder'); // prettier-ignore
    expect(readdirSync(folder)).toEqual(['a']);
  });
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [5e15, '5000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
