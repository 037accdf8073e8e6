import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolders } from '../src/make-folders.ts';
import { temporaryFolder } from './cli/temporary-folder.ts';

describe('making a folder', () => {
  it('makes those above it, and says which was the first', () => {
    const base = temporaryFolder();
    expect(makeFolders(join(base, 'a/b/c'))).toBe(join(base, 'a'));
    expect(readdirSync(join(base, 'a/b'))).toEqual(['c']);
    expect(makeFolders(join(base, 'a/b/d'))).toBe(join(base, 'a/b/d'));
    expect(makeFolders(join(base, 'a/b'))).toBeUndefined();
  });

  it('is refused where a file is in the way', () => {
    const base = temporaryFolder();
    writeFileSync(join(base, 'file'), '');
    expect(() => makeFolders(join(base, 'file'))).toThrow(/EEXIST/);
    expect(() => makeFolders(join(base, 'file/a/b'))).toThrow(/ENOTDIR/);
    symlinkSync(join(base, 'nowhere'), join(base, 'link'));
    expect(() => makeFolders(join(base, 'link'))).toThrow(/ENOENT/);
    mkdirSync(join(base, 'nowhere'));
    expect(makeFolders(join(base, 'link'))).toBeUndefined();
  });

  it.skipIf(!existsSync('/proc/self'))('comes back where no folder can be made (skipped where /proc is not)', () => {
    // Node's own would still be trying.
    expect(() => makeFolders('/proc/self/.cache/etude')).toThrow(/ENOENT/);
  }); // prettier-ignore
});
