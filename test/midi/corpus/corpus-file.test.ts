import { cpSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../src/errors.ts';
import { commonFolder, loadCorpus, packCorpus, unpackCorpus } from '../../../src/midi/node.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const songbook = resolve(import.meta.dirname, '../../../data/songbook');

describe('the file of a corpus', () => {
  it('gives every piece back as it was read, with paths from the folder that all lie in', async () => {
    const { pieces } = await loadCorpus([songbook]);
    pieces[0].split = 'validation';
    const back = unpackCorpus(packCorpus(pieces));
    const root = commonFolder(pieces);
    expect(root).toBe(`${songbook}/`);
    expect(back.pieces).toEqual(pieces.map((piece) => ({ ...piece, path: piece.path.slice(root.length) })));
  });

  it('is the same wherever the folder lies, and reads alike from any place in memory', async () => {
    const base = temporaryFolder();
    cpSync(songbook, join(base, 'elsewhere/music'), { recursive: true });
    const [here, there] = await Promise.all([songbook, join(base, 'elsewhere/music')].map((folder) => loadCorpus([folder]))); // prettier-ignore
    const bytes = packCorpus(here.pieces);
    expect(Buffer.from(packCorpus(there.pieces)).equals(bytes)).toBe(true);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(unpackCorpus(shifted).pieces).toHaveLength(here.pieces.length);
  });

  it('knows the folder that paths have in common', () => {
    const common = (...paths: string[]) => commonFolder(paths.map((path) => ({ path })));
    expect(common('a/b/x.mid', 'a/b/c/y.mid')).toBe('a/b/');
    expect(common('a/bc/x.mid', 'a/bd/y.mid')).toBe('a/');
    expect(common('/x.mid', '/y/z.mid')).toBe('/');
    expect(common('x.mid', 'y/z.mid')).toBe('');
    expect(common('x/y.mid')).toBe('x/');
  });

  it('is refused with a sentence wherever a byte of it is changed or missing', async () => {
    const base = temporaryFolder();
    mkdirSync(join(base, 'music'));
    cpSync(join(songbook, 'amazing-grace.mid'), join(base, 'music/a.mid'));
    const { pieces } = await loadCorpus([join(base, 'music')]);
    const whole = packCorpus(pieces);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] ^= change;
        let read: ReturnType<typeof unpackCorpus> | undefined;
        try {
          read = unpackCorpus(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DataError);
        }
        // What is a name or padding may change; notes may not.
        if (read) expect(read.pieces[0].table).toEqual(pieces[0].table);
        expect(() => unpackCorpus(whole.subarray(0, at))).toThrow(DataError);
      }),
    );
  });

  it.each([
    ['path', '../out.mid', /piece 1: path: expected a relative path/],
    ['path', '/etc/passwd', /piece 1: path/],
    ['name', 7, /piece 1: name: expected a text/],
    ['split', 'exam', /piece 1: split: expected train, validation or test/],
    ['digest', 'abc', /piece 1: digest: expected 64/],
    ['bytes', -8, /piece 1: bytes: expected a size/],
  ])('names the field %s that is %s', async (field, value, expected) => {
    const { pieces } = await loadCorpus([join(songbook, 'amazing-grace.mid')]);
    const whole = packCorpus(pieces);
    const length = whole[12] + 256 * whole[13];
    const text = Buffer.from(whole).toString('utf8', 16, 16 + length);
    const [entry] = JSON.parse(text) as Record<string, unknown>[];
    const list = Buffer.from(JSON.stringify([{ ...entry, [field]: value }]));
    const bytes = Buffer.concat([whole.subarray(0, 16), list, whole.subarray(16 + length)]);
    bytes.writeUInt32LE(list.length, 12);
    expect(() => unpackCorpus(bytes)).toThrow(expected);
  });
});
