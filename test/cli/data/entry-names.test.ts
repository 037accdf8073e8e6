import { describe, expect, it } from 'vitest';
import { faultOfName, NamesInUse } from '../../../src/cli/data/entry-names.ts';

describe('faultOfName', () => {
  it.each([
    'a.mid',
    'maestro-v2.0.0/2004/MIDI-Unprocessed_SMF_02_R1_2004_01-05_ORIG_MID--AUDIO_02_R1_2004_05_Track05_wav.midi',
    'folder/',
    '.hidden',
    'a b, (c) & d.mid',
    'Präludium/ふるさと.mid',
    'console.mid',
    'com.mid',
    'aux1/x',
    'a..b/...c',
  ])('has nothing against %s', (name) => {
    expect(faultOfName(name)).toBeUndefined();
  });

  it.each([
    ['../evil', 'leads out of its folder'],
    ['a/../../evil', 'leads out of its folder'],
    ['..', 'leads out of its folder'],
    ['a/..', 'leads out of its folder'],
    ['/etc/passwd', 'is an absolute path'],
    ['//server/share', 'is an absolute path'],
    ['C:/x', 'begins with the letter of a drive'],
    ['c:x', 'begins with the letter of a drive'],
    ['a\\..\\x', 'has a backslash'],
    ['\\\\server\\x', 'has a backslash'],
    ['a\u0000.mid', 'has a character'],
    ['a\u001b[2J.mid', 'has a character'],
    ['a\ufffd.mid', 'has a character'],
    ['file.mid:stream', 'has a character'],
    ['a?.mid', 'has a character'],
    ['', 'has an empty name'],
    ['/', 'is an absolute path'],
    ['a//b', 'has an empty name'],
    ['./a', 'has an empty name'],
    ['a/./b', 'has an empty name'],
    ['a.', 'has a name that ends in a dot or a space'],
    ['a /b', 'has a name that ends in a dot or a space'],
    ['... ', 'has a name that ends in a dot or a space'],
    ['CON', 'has the name of a device'],
    ['a/nul.mid', 'has the name of a device'],
    ['Com1.tar.gz', 'has the name of a device'],
    ['lpt¹', 'has the name of a device'],
    ['aux .x', 'has the name of a device'],
    ['x'.repeat(256), 'has a name of more than 255 bytes'],
    ['é'.repeat(128), 'has a name of more than 255 bytes'],
    ['a/'.repeat(501), 'is a path of more than 1000 bytes'],
  ])('refuses %j', (name, why) => {
    expect(faultOfName(name)).toContain(why);
  });
});

describe('NamesInUse', () => {
  /** What is said of the last of some names; none may be refused before it. */
  function faultOfLast(...names: string[]): string | undefined {
    const used = new NamesInUse();
    const faults = names.map((name) => used.take(name));
    expect(faults.slice(0, -1).filter((fault) => fault !== undefined)).toEqual([]);
    return faults.at(-1);
  }

  it('takes files, folders, and folders that are named after what is in them', () => {
    expect(faultOfLast('a/', 'a/b', 'a/c/d', 'a/c/', 'a/c/e')).toBeUndefined();
  });

  it.each([
    [['a', 'a'], 'occurs twice'],
    [['a/', 'a/'], 'occurs twice'],
    [['a/b', 'a/', 'a/'], 'occurs twice'],
    [['a/B', 'a/b'], 'differs from "a/B" only in capitals'],
    [['A/x', 'a/y'], 'differs from "A" only in capitals'],
    [['ä', 'a\u0308'], 'differs from "ä" only in capitals or in how letters are composed'],
    [['a', 'a/b'], 'is a file and a folder both'],
    [['a/b', 'a'], 'is a file and a folder both'],
    [['a', 'a/'], 'is a file and a folder both'],
    [['a/', 'a'], 'is a file and a folder both'],
  ])('refuses the last of %j', (names, why) => {
    expect(faultOfLast(...names)).toContain(why);
  });
});
