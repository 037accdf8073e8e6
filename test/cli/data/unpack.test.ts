import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveError } from '../../../src/cli/data/archive-error.ts';
import { unpack, type UnpackedFiles } from '../../../src/cli/data/unpack.ts';
import { FileError } from '../../../src/cli/files.ts';
import { contents } from '../folder-contents.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { changed, expectHeld, someChanges, someFiles } from './random-archives.ts';
import { zipOf, type ZipEntry } from './zip-writer.ts';

const LIMITS = { bytes: 1e6, entries: 100 };

/** A place for an archive, and the folder that it is to become. */
function place(): { archive: string; folder: string } {
  const base = temporaryFolder();
  return { archive: join(base, 'a.zip'), folder: join(base, 'out') };
}

async function unpacked(bytes: Buffer, limits = LIMITS): Promise<{ folder: string; files: UnpackedFiles }> {
  const { archive, folder } = place();
  writeFileSync(archive, bytes);
  return { folder, files: await unpack(archive, folder, { limits }) };
}

/** @param begun whether it is refused only as it is unpacked */
async function refusalOf(bytes: Buffer, limits = LIMITS, begun = false): Promise<ArchiveError> {
  const { archive, folder } = place();
  writeFileSync(archive, bytes);
  const thrown: unknown = await unpack(archive, folder, { limits }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ArchiveError);
  expect(existsSync(folder)).toBe(begun);
  return thrown as ArchiveError;
}

const SONG: ZipEntry = { name: 'song.mid', data: 'MThd and so on' };

describe('unpack', () => {
  it('gives every file its bytes, in folders, stored or deflated, and leaves out the one folder that all lie in', async () => {
    const { folder, files } = await unpacked(
      zipOf([
        { name: 'top/' },
        { name: 'top/a.mid', data: 'aaaa' },
        { name: 'top/2004/b.mid', data: 'bb', method: 0 },
        { name: 'top/empty' },
        { name: 'top/none/' },
      ]),
    );
    expect(files).toEqual({ 'a.mid': 4, '2004/b.mid': 2, empty: 0 });
    expect(readFileSync(join(folder, '2004/b.mid'), 'utf8')).toBe('bb');
    expect(statSync(join(folder, 'none')).isDirectory()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['2004', 'a.mid', 'empty', 'none']);
  });

  it('keeps the names where there is no one folder', async () => {
    expect((await unpacked(zipOf([SONG]))).files).toEqual({ 'song.mid': 14 });
    const two = zipOf([{ ...SONG, name: 'a/x' }, { ...SONG, name: 'b/x' }]);
    expect((await unpacked(two)).files).toEqual({ 'a/x': 14, 'b/x': 14 });
  });

  it('reads numbers of 64 bits, where they are true', async () => {
    const entry = { name: 'a.mid', data: 'abc', method: 0, zip64: [3n, 3n, 0n] };
    expect((await unpacked(zipOf([entry], { count64: 1n }))).files).toEqual({ 'a.mid': 3 });
  });

  it('takes over no permissions', async () => {
    const { folder } = await unpacked(zipOf([{ ...SONG, mode: 0o104777 }]));
    expect(statSync(join(folder, 'song.mid')).mode & 0o7111).toBe(0);
  });

  it('stops when it is asked to, and says how far it is', async () => {
    const { archive, folder } = place();
    writeFileSync(archive, zipOf([SONG, { ...SONG, name: 'b' }, { ...SONG, name: 'c' }]));
    const controller = new AbortController();
    const seen: string[] = [];
    const watching = {
      signal: controller.signal,
      onProgress: (stage: string, done: number, total: number): void => {
        seen.push(`${stage} ${done}/${total}`);
        if (seen.length === 5) controller.abort(new Error('enough'));
      },
    };
    await expect(unpack(archive, folder, { limits: LIMITS, ...watching })).rejects.toThrow('enough');
    expect(seen).toEqual(['Looking 0/3', 'Looking 1/3', 'Looking 2/3', 'Unpacking 0/3', 'Unpacking 1/3']);
    await expect(unpack(archive, folder, { limits: LIMITS, ...watching })).rejects.toThrow('enough');
    expect(seen).toHaveLength(5);
  });

  it('says in a sentence that the disk is full', async () => {
    const { archive, folder } = place();
    writeFileSync(archive, zipOf([SONG]));
    const write = (): number => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    const thrown: unknown = await unpack(archive, folder, { limits: LIMITS, write }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(FileError);
    expect((thrown as FileError).message).toMatch(/the disk is full: 14 bytes are needed/);
  });
});

describe('unpack refuses, with the reason and before anything is written', () => {
  const named = (name: string | Buffer): ZipEntry[] => [SONG, { name, data: 'x' }];
  const twice = (one: string, other: string): ZipEntry[] => [{ ...SONG, name: one }, { ...SONG, name: other }];
  const zeros = Buffer.alloc(900_000);

  it.each<[string, ZipEntry[], string, RegExp]>([
    ['a path that leads out', named('../../evil.mid'), 'name', /an entry leads out of its folder: "\.\.\/\.\.\/evil/],
    ['an absolute path', named('/tmp/evil.mid'), 'name', /is an absolute path/],
    ['the letter of a drive', named('C:/evil.mid'), 'name', /letter of a drive/],
    ['a backslash', named('..\\evil.mid'), 'name', /has a backslash/],
    ['a NUL', named('evil.mid\u0000.txt'), 'name', /has a character .*: "evil\.mid\\u0000\.txt"/],
    ['bytes that are no UTF-8', named(Buffer.from([0x61, 0xff, 0xfe])), 'name', /has a character/],
    ['an empty name', named(''), 'name', /has an empty name/],
    ['a device of Windows', named('nul.mid'), 'name', /device/],
    ['a name that occurs twice', twice('a.mid', 'a.mid'), 'name', /occurs twice: "a\.mid"/],
    ['names that differ in capitals', twice('a.mid', 'A.mid'), 'name', /differs from "a\.mid" only in capitals/],
    ['a file that is a folder', twice('a', 'a/b'), 'name', /is a file and a folder both/],
    ['a symbolic link', [{ name: 'link', data: '/etc', mode: 0o120777 }], 'name', /"link" is a link, a device/],
    ['a device', [{ name: 'tty', mode: 0o020666 }], 'name', /is a link, a device/],
    ['a folder by its name that is a link', [{ ...SONG }, { name: 'a/', mode: 0o120777 }], 'name', /is a link/],
    ['an encrypted file', [{ ...SONG, flags: 1 }], 'unsupported', /"song\.mid" is encrypted/],
    ['strong encryption', [{ ...SONG, flags: 0x41 }], 'damaged', /strong encryption/],
    ['another method', [{ ...SONG, method: 12 }], 'unsupported', /is packed by method 12; only 0 \(stored\) and 8/],
    ['another name before the data', [{ ...SONG, localName: 'other.mid' }], 'damaged', /another name where its data/],
    ['a folder with contents', [SONG, { name: 'a/', data: 'x' }], 'damaged', /the folder "a\/" says that it has/],
    ['nothing in it', [], 'damaged', /has no file in it/],
    ['folders only', [{ name: 'a/' }], 'damaged', /has no file in it/],
    ['too many bytes', [{ name: 'a', data: zeros }, { name: 'b', data: zeros }], 'too-large', /more than 1\.0 MB/],
    ['a length of 2^60', [{ ...SONG, zip64: [1n << 60n] }], 'too-large', /unpacks to more than 1\.0 MB/],
    ['a place of 2^60', [{ ...SONG, zip64: [14n, 16n, 1n << 60n] }], 'damaged', /the archive is damaged: /],
    ['a packed length of 2^40', [{ ...SONG, zip64: [14n, 1n << 40n] }], 'damaged', /overflows file bounds/],
    ['64 bits that are not there', [{ ...SONG, zip64: [], says: { unpacked: 0xffffffff } }], 'damaged', /zip64/],
    ['data where no entry begins', [{ ...SONG, says: { offset: 3 } }], 'damaged', /invalid local file header/],
  ])('%s', async (_, entries, code, message) => {
    const error = await refusalOf(zipOf(entries));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/ Nothing was unpacked\.$/);
    expect(error.code).toBe(code);
  });

  it('entries that share their data', async () => {
    const kernel = { name: 'a', data: 'x'.repeat(100) };
    const same = zipOf([kernel, { ...kernel, name: 'b', localName: 'a', shared: true, says: { offset: 0 } }]);
    // The name before the data is that of one of them.
    expect(await refusalOf(same)).toMatchObject({ code: 'damaged' });
    const inner = zipOf([{ name: 'in', data: 'y' }]).subarray(0, 33 + 2);
    const nested = zipOf([
      { name: 'out', data: inner, method: 0 },
      { name: 'in', data: 'y', shared: true, says: { offset: 33, packed: 3 } },
    ]);
    expect((await refusalOf(nested)).message).toMatch(/"out" and "in" share bytes of the archive/);
    expect((await refusalOf(nested)).code).toBe('bomb');
  });

  it('a file that is packed as no music is', async () => {
    const bomb = zipOf([{ name: 'bomb.mid', data: Buffer.alloc(3 << 20) }]);
    expect(bomb.length).toBeLessThan(10_000);
    const error = await refusalOf(bomb, { bytes: 1e9, entries: 10 });
    expect(error.message).toMatch(/"bomb\.mid" unpacks to more than 250 times its size \(3\.1 MB from 3\.\d kB\)/);
    expect(error.code).toBe('bomb');
  });

  it('more entries than are looked at, whether they are there or not', async () => {
    const many = Array.from({ length: 11 }, (_, k) => ({ name: `${k}` }));
    expect((await refusalOf(zipOf(many), { bytes: 1e6, entries: 10 })).message).toMatch(/has 11 entries; at most 10/);
    expect(await refusalOf(zipOf([SONG], { count: 60_000 }))).toMatchObject({ code: 'too-large' });
    expect(await refusalOf(zipOf([SONG], { count64: 1n << 60n }))).toMatchObject({ code: 'too-large' });
    expect((await refusalOf(zipOf([SONG], { count: 2 }))).code).toBe('damaged');
  });

  it('what is no archive, or the end of one is missing', async () => {
    expect(await refusalOf(Buffer.alloc(0))).toMatchObject({ code: 'not-a-zip' });
    expect((await refusalOf(Buffer.from('<html>not found</html>'))).message).toMatch(/a\.zip: this is no zip archive/);
    const whole = zipOf([SONG]);
    for (const length of [1, 30, whole.length - 1]) {
      expect(await refusalOf(whole.subarray(0, length))).toMatchObject({ code: 'not-a-zip' });
    }
    expect((await refusalOf(whole.subarray(10))).code).toBe('damaged');
  });
});

describe('unpack finds out while it unpacks', () => {
  it.each<[string, ZipEntry, RegExp]>([
    ['another check sum', { ...SONG, says: { crc: 1 } }, /"song\.mid" has another check sum than the archive says/],
    ['more bytes than it says', { ...SONG, says: { unpacked: 13 } }, /"song\.mid" cannot be unpacked: too many bytes/],
    ['fewer bytes than it says', { ...SONG, says: { unpacked: 15 } }, /"song\.mid" cannot be unpacked: not enough/],
    ['data that cannot be unpacked', { ...SONG, method: 8, says: { packed: 5 } }, /"song\.mid" cannot be unpacked: /],
  ])('%s', async (_, entry, message) => {
    const error = await refusalOf(zipOf([entry]), LIMITS, true);
    expect(error.message).toMatch(message);
    expect(error.code).toBe('damaged');
  });

  it('that a file says to be short and is a bomb, without writing more than it says', async () => {
    const { archive, folder } = place();
    writeFileSync(archive, zipOf([{ name: 'bomb', data: Buffer.alloc(8 << 20), says: { unpacked: 1000 } }]));
    await expect(unpack(archive, folder, { limits: LIMITS })).rejects.toThrow(/too many bytes|longer than/);
    expect(statSync(join(folder, 'bomb')).size).toBeLessThanOrEqual(1000);
  });
});

describe('random archives', () => {
  it('unpack to exactly what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(someFiles, fc.stringMatching(/^[ -~]{0,20}$/), async (entries, comment) => {
        const { archive, folder } = place();
        writeFileSync(archive, zipOf(entries, { comment }));
        const listed = await unpack(archive, folder, { limits: LIMITS });
        const [top] = entries[0].name.split('/');
        const cut = entries.every((entry) => entry.name.startsWith(`${top}/`)) ? top.length + 1 : 0;
        expect(Object.keys(contents(folder)).sort()).toEqual(entries.map(({ name }) => name.slice(cut)).sort());
        for (const { name, data } of entries) {
          expect(readFileSync(join(folder, name.slice(cut)))).toEqual(data);
          expect(listed[name.slice(cut)]).toBe(data.length);
        }
      }),
    );
  });

  it('that were changed are unpacked, or refused in a sentence, and write nothing outside the folder', async () => {
    await fc.assert(
      fc.asyncProperty(someFiles, someChanges, async (entries, changes) => {
        const base = temporaryFolder();
        mkdirSync(join(base, 'a/b/c'), { recursive: true });
        await expectHeld(base, changed(entries, changes));
      }),
    );
  });
});
