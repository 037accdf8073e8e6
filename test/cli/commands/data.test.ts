import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DATA_SETS } from '../../../src/cli/data/data-sets.ts';
import { run } from '../../../src/cli/run.ts';
import { fileOf, serve } from '../data/archive-server.ts';
import { zipOf } from '../data/zip-writer.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SONGS = zipOf([
  { name: 'songs/a.mid', data: 'first' },
  { name: 'songs/LICENSE', data: 'free' },
]);
const SHA256 = createHash('sha256').update(SONGS).digest('hex');

afterEach(() => {
  vi.restoreAllMocks();
});

describe('etude data list', () => {
  it('says of each data set what it is, how large, its licence, whom to cite, and whether it is here', async () => {
    const { code, stdout, stderr } = await runEtude('data', 'list');
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.replace(/\s+/g, ' ');
    for (const { name, title, pieces, url, page, terms } of DATA_SETS) {
      for (const part of [name, title, pieces, url, page, terms.licence, terms.licenceUrl, terms.citation]) {
        expect(text).toContain(part);
      }
    }
    expect(text).toMatch(/1,282 performances; 59\.2 MB to fetch .* here no/);
    expect((await runEtude('data')).stdout).toBe(stdout);
  });

  it('is one object a line for programs', async () => {
    const { stdout } = await runEtude('data', 'list', '--json');
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines.map(({ name }) => name)).toEqual(['maestro', 'maestro-v3']);
    expect(Object.keys(lines[0])).toEqual(['about', 'page', 'name', 'title', 'pieces', 'url', 'sha256', 'bytes', 'folder', 'licence', 'licenceUrl', 'citation', 'state']); // prettier-ignore
    expect(lines[0]).toMatchObject({ bytes: 59_243_107, folder: 'maestro-v2.0.0', licence: 'CC BY-NC-SA 4.0', state: 'absent' }); // prettier-ignore
  });
});

describe('etude data maestro', () => {
  it('shows the licence, and then asks for the archive of the data set', async () => {
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(() => Promise.resolve(new Response(null, { status: 404 }))); // prettier-ignore
    const base = temporaryFolder();
    const { code, stdout, stderr } = await runEtude('data', 'maestro', '--out', join(base, 'm'));
    expect([code, stdout]).toEqual([1, '']);
    expect(fetching.mock.calls.map(([url]) => url)).toEqual([DATA_SETS[0].url]);
    expect(stderr).toMatch(
      /MAESTRO v2\.0\.0.*\nLicence: CC BY-NC-SA 4\.0 .* may not be used commercially\.\nTo cite it: .*2019\.\nFetching https:.*59\.2 MB\)\netude: https:.*answers 404/,
    );
    expect(readdirSync(base)).toEqual([]);
  });

  it('refuses a server that has a file of another length', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(() =>
      Promise.resolve(new Response('x', { headers: { 'content-length': '1' } })),
    );
    const { code, stderr } = await runEtude('data', 'maestro-v3', '--quiet', '--out', join(temporaryFolder(), 'm'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^etude: .*offers a file of 1 byte; expected are 58,416,533\./);
  });
});

describe('etude data --url', () => {
  it('makes a folder of music of an archive, and says what can be done with it', async () => {
    const { url } = await serve(fileOf(SONGS));
    const folder = join(temporaryFolder(), 'my songs');
    const words = ['data', '--url', url, '--sha256', SHA256.toUpperCase(), '--out', `${folder}/`];
    const { code, stdout, stderr } = await runEtude(...words);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('Ask its publisher what you may do with this music.');
    expect(stderr).toContain(`${folder}: 1 MIDI file, 9 bytes.\nTo train on it: etude train '${folder}' --out runs/mine\n`); // prettier-ignore
    expect(readdirSync(folder).sort()).toEqual(['.etude-data.json', 'LICENSE', 'a.mid']);
    const again = await runEtude(...words, '--json');
    expect(JSON.parse(again.stdout)).toEqual({ folder, from: 'folder', url, sha256: SHA256, files: 2, midiFiles: 1, bytes: 9 }); // prettier-ignore
    expect(again.stderr).toContain(`${folder}: 1 MIDI file, 9 bytes. It was there already; nothing was fetched.`);
    expect((await runEtude(...words, '--quiet')).stderr).toBe('');
  });

  it('says where there is no MIDI file, and holds the limit that it is given', async () => {
    const bytes = zipOf([{ name: 'a.txt', data: 'x'.repeat(5000) }]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { url } = await serve(fileOf(bytes));
    const words = ['data', '--url', url, '--sha256', sha256, '--out', join(temporaryFolder(), 'texts')];
    const limited = await runEtude(...words, '--max-bytes', '4999');
    expect(limited).toMatchObject({ code: 1, stdout: '' });
    expect(limited.stderr).toMatch(/unpacks to more than 5\.0 kB, which is the limit; --max-bytes N raises it/);
    const { code, stderr } = await runEtude(...words);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /0 MIDI files, 5\.0 kB\.\nNone of its files is named like a MIDI file \(\.mid or \.midi\)\.\n$/,
    );
  });

  it('draws how far it is on a terminal', async () => {
    const { url } = await serve(fileOf(SONGS));
    const { io, stderr } = testIo({ isTTY: true, columns: 100 });
    const words = ['data', '--url', url, '--sha256', SHA256, '--out', join(temporaryFolder(), 'songs')];
    expect(await run(words, io)).toBe(0);
    expect(stderr.text).toMatch(/\rDownloading +\d+ bytes\/\d+ bytes \.+ /);
    expect(stderr.text).toMatch(/\rUnpacking 0\/2/);
  });
});

describe('etude data refuses, with exit code 2,', () => {
  const url = ['--url', 'https://example.org/songs.zip'];
  const sha256 = ['--sha256', '0'.repeat(64)];
  it.each<[string, string[], RegExp]>([
    ['a data set that there is none of', ['maetsro'], /no data set "maetsro"; .* Did you mean maestro\?/],
    [
      'an archive without a digest',
      url,
      /--url needs --sha256: .*"sha256sum FILE" prints it \(macOS: "shasum -a 256 FILE"/,
    ],
    ['a digest without an archive', sha256, /--sha256 has no effect without --url/],
    ['a digest that is none', [...url, '--sha256', 'abc'], /Expected 64 hexadecimal digits\. .*sha256sum/],
    ['an address that is none', [...sha256, '--url', 'songs.zip'], /Expected an address that begins with https:/],
    [
      'a file for an address',
      [...sha256, '--url', 'file:///etc/passwd'],
      /Expected an address that begins with https:/,
    ],
    [
      'a password in the address',
      [...sha256, '--url', 'https://me:secret@example.org/'],
      /without a user and a password/,
    ],
    ['a data set and an archive', ['maestro', ...url, ...sha256], /"maestro" and --url are two things to fetch/],
    ['an archive without a name', [...sha256, '--url', 'https://example.org/'], /names no file .* Add --out FOLDER/],
    ['a name that is a place elsewhere', [...sha256, '--url', 'https://example.org/..%2fx%2f...zip'], /Add --out/],
    ['the working folder', ['maestro', '--out', '.'], /--out is a folder that is made/],
    ['the folder above', ['maestro', '--out', 'a/../..'], /--out is a folder that is made/],
    ['a folder for the list', ['list', '--out', 'x'], /--out is for what is fetched/],
    ['a limit without an archive', ['maestro', '--max-bytes', '5'], /--max-bytes has no effect without --url/],
  ])('%s', async (_, words, message) => {
    const { code, stdout, stderr } = await runEtude('data', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
