import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DataError } from '../../../src/errors.ts';
import { findFiles } from '../../../src/midi/corpus/find-files.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'etude-find-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), 'x');
  }
}

function found(...sources: string[]): string[] {
  return findFiles(sources.map((source) => join(root, source))).files.map(({ path }) => path.slice(root.length + 1));
}

describe('finding files', () => {
  it('searches folders to the bottom for MIDI extensions in any case, in natural order', () => {
    put('b/10.mid', 'b/9.MID', 'b/c/d/1.Midi', 'a.kar', 'z.RMI', 'y.smf', 'notes.txt', 'mid', 'x.mid.bak');
    expect(found('.')).toEqual(['a.kar', 'b/9.MID', 'b/10.mid', 'b/c/d/1.Midi', 'y.smf', 'z.RMI']);
  });

  it('passes over hidden names, such as the shadow files that macOS leaves', () => {
    put('a.mid', '._a.mid', '.git/b.mid');
    expect(found('.')).toEqual(['a.mid']);
  });

  it('takes a file that was named whatever its extension', () => {
    put('song.bin', 'other.mid');
    expect(found('song.bin')).toEqual(['song.bin']);
    expect(findFiles([join(root, 'song.bin')]).files[0].name).toBe('song');
  });

  it('takes each file once, however often it is named', () => {
    put('a/1.mid', 'a/2.mid');
    expect(found('a', 'a/1.mid', 'a/../a/2.mid', 'a/*.mid')).toHaveLength(2);
  });

  it('expands patterns to MIDI files', () => {
    put('a/1.mid', 'a/2.mid', 'a/2.txt', 'b/3.mid');
    expect(found('*/[12].*')).toEqual(['a/1.mid', 'a/2.mid']);
    expect(found('**/*.mid')).toEqual(['a/1.mid', 'a/2.mid', 'b/3.mid']);
  });

  it('prefers a file that exists to a pattern of the same spelling', () => {
    put('a[1].mid', 'a1.mid');
    expect(found('a[1].mid')).toEqual(['a[1].mid']);
  });

  it('follows links without running in circles', () => {
    put('a/1.mid', 'elsewhere/2.mid');
    symlinkSync(join(root, 'a'), join(root, 'a/again'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'a/link'));
    symlinkSync(join(root, 'nowhere.mid'), join(root, 'a/dangling.mid'));
    expect(found('a')).toEqual(['a/1.mid', 'a/link/2.mid']);
    expect(findFiles([join(root, 'a')]).skipped).toEqual([
      { path: join(root, 'a/dangling.mid'), reason: 'no readable file (nothing)' },
    ]);
  });

  it.skipIf(process.platform === 'win32')('names a pipe instead of waiting for it', () => {
    put('a.mid');
    execFileSync('mkfifo', [join(root, 'pipe.mid')]);
    const { files, skipped } = findFiles([root]);
    expect(files).toHaveLength(1);
    expect(skipped).toEqual([{ path: join(root, 'pipe.mid'), reason: 'no readable file (a device or pipe)' }]);
    expect(() => findFiles([join(root, 'pipe.mid')])).toThrow(DataError);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('names a folder that cannot be read', () => {
    put('a.mid', 'locked/b.mid');
    chmodSync(join(root, 'locked'), 0);
    const { files, skipped } = findFiles([root]);
    chmodSync(join(root, 'locked'), 0o755);
    expect(files).toHaveLength(1);
    expect(skipped[0]).toMatchObject({ path: join(root, 'locked') });
    expect(skipped[0].reason).toMatch(/cannot be read/);
  });

  it('refuses what is not there, what holds nothing, and no sources at all', () => {
    put('a/notes.txt');
    expect(() => findFiles([])).toThrow(DataError);
    expect(() => found('nowhere')).toThrow(/nowhere does not exist: expected a MIDI file, a folder or a pattern/);
    expect(() => found('a')).toThrow(
      /no MIDI files in .*expected files that end in \.mid, \.midi, \.smf, \.kar, \.rmi/,
    );
    expect(() => found('a/*.txt')).toThrow(/matches no MIDI file/);
    for (const source of ['nowhere', 'a', 'a/*.txt']) expect(() => found(source)).toThrow(DataError);
  });
});

describe('a MAESTRO folder', () => {
  const csv = 'canonical_composer,canonical_title,split,midi_filename\n';

  it('holds the listed files with their splits; missing and unlisted ones are named', () => {
    put('m/2004/1.midi', 'm/2004/2.midi', 'm/2006/extra.mid');
    writeFileSync(
      join(root, 'm/maestro-v2.0.0.csv'),
      `${csv}A,B,validation,2004/2.midi\nC,D,train,2004/1.midi\nE,F,test,2008/10.midi\nE,F,test,2008/9.midi\n`,
    );
    for (const source of ['m', 'm/maestro-v2.0.0.csv', '.']) {
      expect(findFiles([join(root, source)])).toEqual({
        files: [
          { path: join(root, 'm/2004/1.midi'), name: 'C: D', split: 'train' },
          { path: join(root, 'm/2004/2.midi'), name: 'A: B', split: 'validation' },
        ],
        missing: [join(root, 'm/2008/9.midi'), join(root, 'm/2008/10.midi')],
        skipped: [{ path: join(root, 'm/2006/extra.mid'), reason: 'not listed in maestro-v2.0.0.csv' }],
      });
    }
  });

  it('stands beside other music, and its splits stay when its files are named once more', () => {
    put('m/1.midi', 'own/2.mid');
    writeFileSync(join(root, 'm/maestro-v3.0.0.csv'), `${csv}A,B,test,1.midi\n`);
    const files = findFiles([join(root, 'm/1.midi'), root, join(root, 'm/1.midi')]).files;
    expect(files.map(({ split }) => split)).toEqual(['test', undefined]);
  });

  it('with two lists is refused until one is named', () => {
    put('m/1.midi');
    for (const version of [2, 3]) writeFileSync(join(root, `m/maestro-v${version}.csv`), `${csv}A,B,train,1.midi\n`);
    expect(() => found('m')).toThrow(/several MAESTRO lists .*name the one/);
    expect(found('m/maestro-v3.csv')).toEqual(['m/1.midi']);
  });
});
