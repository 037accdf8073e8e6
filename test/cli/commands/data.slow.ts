import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useBuiltEtude } from '../build-etude.ts';
import { fileOf, serve, type Answering } from '../data/archive-server.ts';
import { zipOf } from '../data/zip-writer.ts';
import { startEtude } from '../etude-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const etude = useBuiltEtude();

const noise = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, k) => (k * 7919) >> 3));
const SONGS = zipOf([{ name: 'songs/a.mid', data: 'first' }, { name: 'songs/noise', data: noise, method: 0 }]); // prettier-ignore
const SHA256 = createHash('sha256').update(SONGS).digest('hex');
const HALF = 200_000;

/** Gives out the first half, and then says nothing, to the first; to others the whole. */
const halting: Answering = (request, response, count) => {
  if (count > 0) {
    fileOf(SONGS, { etag: '"a"' })(request, response, count);
    return;
  }
  response.writeHead(200, { 'content-length': SONGS.length, etag: '"a"' }).write(SONGS.subarray(0, HALF));
};

async function begun() {
  const { url, ranges } = await serve(halting);
  const base = temporaryFolder();
  const words = ['data', '--url', url, '--sha256', SHA256, '--out', join(base, 'songs')];
  const start = () => startEtude([process.execPath, etude], words);
  const first = start();
  const part = join(base, 'songs.download/archive.zip.part');
  await expect.poll(() => statSync(part, { throwIfNoEntry: false })?.size, { timeout: 10_000 }).toBe(HALF);
  return { base, first, start, ranges, part };
}

it('a download that Ctrl-C ends keeps what it has, ends with 130, and goes on from there the next time', async () => {
  const { base, first, start, ranges, part } = await begun();
  first.child.kill('SIGINT');
  const { code, stdout, stderr } = await first.ended;
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(
    /interrupted; what was fetched \(200\.0 kB\) is kept in \S+songs\.download\. The same command/,
  );
  expect(statSync(part).size).toBe(HALF);
  expect((await start().ended).code).toBe(0);
  expect(ranges).toEqual(['', `bytes=${HALF}- if "a"`]);
  expect(readdirSync(base)).toEqual(['songs']);
});

it('a download that was killed goes on from there too', async () => {
  const { base, first, start, ranges } = await begun();
  first.child.kill('SIGKILL');
  await first.ended;
  expect(readdirSync(join(base, 'songs.download'))).toContain('run.lock');
  expect((await start().ended).code).toBe(0);
  expect(ranges).toEqual(['', `bytes=${HALF}- if "a"`]);
  expect(readdirSync(base)).toEqual(['songs']);
});

it('a second one at the same place is refused while the first is at work', async () => {
  const { first, start, ranges } = await begun();
  const second = await start().ended;
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/songs\.download: another run is at work in this folder \(process \d+/);
  expect(ranges).toHaveLength(1);
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(130);
});
