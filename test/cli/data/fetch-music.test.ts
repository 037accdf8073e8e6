import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATA_SETS } from '../../../src/cli/data/data-sets.ts';
import { archiveName, fetchMusic, workFolder, type MusicSource } from '../../../src/cli/data/fetch-music.ts';
import { MANIFEST, stateOfFolder } from '../../../src/cli/data/music-folder.ts';
import { RunLock } from '../../../src/cli/run-lock.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import { testIo } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { fileOf, serve, type FileOptions } from './archive-server.ts';
import { zipOf } from './zip-writer.ts';

const SONGS = zipOf([
  { name: 'songs/2004/a.mid', data: 'first' },
  { name: 'songs/b.midi', data: Buffer.alloc(50_000, 7) },
  { name: 'songs/noise', data: Buffer.from(Uint8Array.from({ length: 40_000 }, (_, k) => (k * 7919) >> 3)), method: 0 },
]);

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A server with an archive, and a folder that it can become. */
async function place(options: FileOptions = {}, archive = SONGS) {
  const base = temporaryFolder();
  const { url, ranges } = await serve(fileOf(archive, options));
  const folder = join(base, 'songs');
  const source: MusicSource = { url, sha256: sha256Of(archive), folder, limits: { bytes: 1e6, entries: 10 } };
  return { base, ranges, folder, source, work: workFolder(source) };
}

/** What came of it, and what was said. */
async function fetched(source: MusicSource, env: Record<string, string> = {}) {
  const { io, stderr } = testIo({ env });
  const result = await fetchMusic(source, new Terminal(io), { retryMs: 1 }).catch((thrown: unknown) => thrown as Error);
  return { result, said: stderr.text };
}

async function failureOf(source: MusicSource, env: Record<string, string> = {}): Promise<Error> {
  const { result } = await fetched(source, env);
  if (result instanceof Error) return result;
  throw new Error('it did not fail');
}

describe('fetchMusic', () => {
  it('fetches, unpacks, writes down what it did, and leaves nothing else', async () => {
    const { base, folder, source, ranges } = await place();
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'download' });
    expect(readdirSync(base)).toEqual(['songs']);
    expect(readdirSync(folder).sort()).toEqual([MANIFEST, '2004', 'b.midi', 'noise'].sort());
    expect(readFileSync(join(folder, '2004/a.mid'), 'utf8')).toBe('first');
    expect(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'))).toEqual({
      url: source.url,
      sha256: source.sha256,
      files: { '2004/a.mid': 5, 'b.midi': 50_000, noise: 40_000 },
    });
    expect(said).toMatch(/^Fetching http:.*songs\.zip\nDownloading [\d.]+ kB\/[\d.]+ kB /);
    expect(ranges).toEqual(['']);
  });

  it('does nothing where the folder is whole, and makes it in one that is empty, with those above it', async () => {
    const { folder, source, ranges } = await place();
    mkdirSync(folder);
    await fetched(source);
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'folder', manifest: { sha256: source.sha256 } });
    expect([said, ranges.length]).toEqual(['', 1]);
    const deep = join(folder, '../deep/er/songs');
    expect((await fetched({ ...source, folder: deep })).result).toMatchObject({ from: 'download' });
    expect(readdirSync(join(deep, '..'))).toEqual(['songs']);
  });

  it('unpacks an archive that lies beside and is the right one, and leaves it there', async () => {
    const { base, source, ranges } = await place();
    writeFileSync(join(base, 'songs.zip'), SONGS);
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'archive' });
    expect(said).toMatch(/songs\.zip is the archive: nothing has to be fetched/);
    expect(readdirSync(base).sort()).toEqual(['songs', 'songs.zip']);
    expect(ranges).toEqual([]);
  });

  it('leaves a file that lies beside and is another one alone, and fetches', async () => {
    const { base, source } = await place();
    writeFileSync(join(base, 'songs.zip'), 'mine');
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'download' });
    expect(said).toMatch(/songs\.zip is another file than the archive \(its SHA-256 is [0-9a-f]{64}\); it is left/);
    expect(readFileSync(join(base, 'songs.zip'), 'utf8')).toBe('mine');
  });

  it('removes what has another digest, says both, and unpacks nothing', async () => {
    const { base, source } = await place();
    const error = await failureOf({ ...source, sha256: '0'.repeat(64) });
    expect(error).toMatchObject({ name: 'DownloadError', code: 'digest' });
    expect(error.message).toMatch(new RegExp(`Expected SHA-256: 0{64}; found: ${sha256Of(SONGS)}\\. It was removed`));
    expect(error.message).toMatch(/Compare --sha256 with what the publisher says/);
    expect(readdirSync(base)).toEqual([]);
    const known = await failureOf({ ...source, sha256: '0'.repeat(64), terms: DATA_SETS[0].terms });
    expect(known.message).toMatch(/If it happens again, the publisher has replaced the file/);
  });

  it('leaves nothing of an archive that is not unpacked, of the right digest or not', async () => {
    for (const [bytes, code] of [
      [zipOf([{ name: '../../evil.mid', data: 'x' }]), 'name'],
      [zipOf([{ name: 'a', data: 'x' }, { name: 'b', data: 'y', says: { crc: 1 } }]), 'damaged'],
      [Buffer.from('no archive'), 'not-a-zip'],
    ] as const) {
      const { base, source } = await place({}, bytes);
      expect(await failureOf(source)).toMatchObject({ name: 'ArchiveError', code });
      expect(readdirSync(base)).toEqual([]);
      writeFileSync(join(base, 'songs.zip'), bytes);
      expect(await failureOf(source)).toMatchObject({ name: 'ArchiveError', code });
      expect(readdirSync(base)).toEqual(['songs.zip']);
    }
  });

  it('keeps an archive that is too large, since the limit may be raised', async () => {
    const { work, source, ranges } = await place();
    const limited = { ...source, limits: { bytes: 80_000, entries: 10 } };
    expect(await failureOf(limited)).toMatchObject({ name: 'ArchiveError', code: 'too-large' });
    expect(readdirSync(work)).toEqual(['archive.zip']);
    expect((await fetched(source)).result).toMatchObject({ from: 'archive' });
    expect(ranges).toHaveLength(1);
  });

  it('replaces the manifest that an archive of such a folder has in it', async () => {
    const again = zipOf([{ name: `s/${MANIFEST}`, data: '{"sha256":"other"}' }, { name: 's/a.mid', data: 'x' }]);
    const { source, folder } = await place({}, again);
    const { result } = await fetched(source);
    expect(result).toMatchObject({ manifest: { sha256: sha256Of(again), files: { 'a.mid': 1 } } });
    expect(stateOfFolder(folder, sha256Of(again)).state).toBe('whole');
  });

  it('unpacks again, without fetching, what was killed as it unpacked', async () => {
    const { base, work, source, ranges } = await place();
    mkdirSync(join(work, '.unpacked/half'), { recursive: true });
    writeFileSync(join(work, '.unpacked/half/a.mid'), 'x');
    writeFileSync(join(work, 'archive.zip'), SONGS);
    expect((await fetched(source)).result).toMatchObject({ from: 'archive' });
    expect(readdirSync(base)).toEqual(['songs']);
    expect(ranges).toEqual([]);
    expect(existsSync(join(source.folder, 'half'))).toBe(false);
  });

  it('fetches anew what has become another file since it was fetched', async () => {
    const { work, source } = await place();
    mkdirSync(work);
    writeFileSync(join(work, 'archive.zip'), 'torn');
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'download' });
    expect(said).not.toContain('another file');
  });

  it('does nothing where another process has made the folder while this one waited for the place', async () => {
    const { base, folder, source, ranges } = await place();
    const elsewhere = join(base, 'elsewhere');
    await fetched({ ...source, folder: elsewhere });
    const { io } = testIo();
    const { signal } = new AbortController();
    // Signals are taken over just before the lock is.
    io.interrupts = () => {
      if (existsSync(elsewhere)) renameSync(elsewhere, folder);
      return signal;
    };
    expect(await fetchMusic(source, new Terminal(io))).toMatchObject({ from: 'folder' });
    expect([readdirSync(base), ranges.length]).toEqual([['songs'], 1]);
  });
});

describe('fetchMusic, when it is interrupted', () => {
  it('keeps what it has and says so; the same call goes on from there', async () => {
    const { base, work, source, ranges } = await place({ etag: '"a"', cuts: [20_000] });
    const { io, stderr, interrupt } = testIo();
    // The first connection breaks after 20,000 bytes; Ctrl-C comes while the second is waited for.
    const write = io.stderr.write.bind(io.stderr);
    io.stderr.write = (text: string) => {
      write(text);
      if (text.includes('Trying again')) interrupt();
    };
    const thrown: unknown = await fetchMusic(source, new Terminal(io), { retryMs: 60_000 }).catch((error: unknown) => error); // prettier-ignore
    expect(thrown).toMatchObject({ name: 'InterruptedError' });
    expect((thrown as Error).message).toBe(
      `interrupted; what was fetched (20.0 kB) is kept in ${work}. The same command goes on from there.`,
    );
    expect(stderr.text).toMatch(/stopping; what was fetched is kept in \S+songs\.download; press Ctrl-C again/);
    expect(readdirSync(base)).toEqual(['songs.download']);
    expect(readdirSync(work).sort()).toEqual(['archive.zip.part', 'archive.zip.part.json']);
    const { result, said } = await fetched(source);
    expect(result).toMatchObject({ from: 'download' });
    expect(said).toMatch(/20\.0 kB of it may be here from before/);
    expect(ranges).toEqual(['', 'bytes=20000- if "a"']);
    expect(readdirSync(base)).toEqual(['songs']);
  });

  it('leaves nothing where nothing came', async () => {
    const { base, source } = await place();
    const { io, interrupt } = testIo();
    interrupt();
    await expect(fetchMusic(source, new Terminal(io))).rejects.toThrow(/interrupted; nothing was fetched yet/);
    expect(readdirSync(base)).toEqual([]);
  });
});

describe('fetchMusic refuses', () => {
  it('a folder with something else in it, a file, and a link, and touches none', async () => {
    const { base, folder, source, ranges } = await place();
    const others: [() => void, RegExp][] = [
      [() => { mkdirSync(folder); writeFileSync(join(folder, 'mine.mid'), 'x'); }, /something here that "etude data" did not make\. If it is the music/], // prettier-ignore
      [() => { writeFileSync(folder, 'x'); }, /did not make/], // prettier-ignore
      [() => { symlinkSync(join(base, 'nowhere'), folder); }, /did not make/], // prettier-ignore
    ];
    for (const [make, message] of others) {
      make();
      const error = await failureOf(source);
      expect(error).toMatchObject({ name: 'FileError', code: 'exists', path: folder });
      expect(error.message).toMatch(message);
      expect(readdirSync(base)).toEqual(['songs']);
      rmSync(folder, { recursive: true });
    }
    expect(ranges).toEqual([]);
  });

  it('a folder of another archive, and one of this of which files are gone or changed', async () => {
    const { folder, source } = await place();
    await fetched(source);
    expect((await failureOf({ ...source, sha256: '1'.repeat(64) })).message).toMatch(
      /this folder is of another archive \(http:.*songs\.zip\)\. Choose another --out, or move it away/,
    );
    writeFileSync(join(folder, '2004/a.mid'), 'longer than it was');
    expect((await failureOf(source)).message).toMatch(
      /1 file is missing or changed \(2004\/a\.mid\)\. Move the folder away/,
    );
    rmSync(join(folder, 'b.midi'));
    expect((await failureOf(source)).message).toMatch(
      /2 files are missing or changed \(2004\/a\.mid, for one\)\. Move the folder away/,
    );
    writeFileSync(join(folder, MANIFEST), '{"sha256": 3}');
    expect((await failureOf(source)).message).toMatch(/did not make/);
  });

  it('to work where another process does', async () => {
    const { base, work, source, ranges } = await place();
    const lock = RunLock.take(work);
    expect(await failureOf(source)).toMatchObject({ name: 'FileError', code: 'held' });
    lock.release();
    expect([readdirSync(base), ranges]).toEqual([[], []]);
  });

  it('to go on where the disk is full, and keeps what it has', async () => {
    const { work, source } = await place();
    const { io, stderr } = testIo();
    const write = (): number => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    await expect(fetchMusic(source, new Terminal(io), { write })).rejects.toMatchObject({ code: 'disk-full' });
    expect(stderr.text).toContain(`What was fetched is kept in ${work}: run the same command again to resume.`);
    expect(readdirSync(work).sort()).toEqual(['archive.zip.part', 'archive.zip.part.json']);
  });

  it('a place where no folder can be made', async () => {
    const { base, source } = await place();
    writeFileSync(join(base, 'file'), '');
    expect(await failureOf({ ...source, folder: join(base, 'file/songs') })).toMatchObject({ code: 'not-a-folder' });
  });
});

describe('what fetchMusic says of a failed download', () => {
  it('is what is kept, and how the archive can be had otherwise', async () => {
    const { base, source } = await place({ etag: '"a"', cuts: Array<number>(6).fill(5000) });
    const { message } = await failureOf(source);
    expect(message).toMatch(/the connection was lost after 30\.0 kB .* What was fetched \(30\.0 kB\) is kept/);
    expect(message).toContain(`save it as ${join(base, 'songs.zip')}, and the same command unpacks it.`);
    expect(message).not.toContain('PROXY');
  });

  it('is that there is a proxy that Node does not know of', async () => {
    const { source } = await place();
    const gone = { ...source, url: source.url.replace(/:\d+/, ':1') };
    const { message } = await failureOf(gone, { HTTPS_PROXY: 'http://proxy:3128' });
    expect(message).toMatch(/no connection to .* HTTPS_PROXY is set, which Node knows only with NODE_USE_ENV_PROXY=1/);
    expect((await failureOf(gone, { https_proxy: 'http://proxy' })).message).toContain('https_proxy is set');
  });
});

describe('archiveName', () => {
  it('is the last part of the path of an address', () => {
    expect(archiveName('https://example.org/a/b%20c.zip?x=1#y')).toBe('b c.zip');
    expect(archiveName('https://example.org/')).toBe('');
    expect(archiveName('https://example.org/%ff')).toBe('');
  });
});

describe('DATA_SETS', () => {
  it.each(DATA_SETS)('$name has what is needed to fetch it', (set) => {
    expect(set.url).toMatch(/^https:\/\/.*\.zip$/);
    expect(set.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(set.bytes).toBeLessThan(set.atMostBytes);
    expect(set.folder).toBe(archiveName(set.url).replace('-midi.zip', ''));
  });
});
