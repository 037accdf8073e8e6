import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FileError } from '../../../src/cli/files.ts';
import { fileOf, serve, type Answering } from './archive-server.ts';
import { BYTES, failureOf, fileFrom, outcomeOf, SHA256 } from './downloading.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('download', () => {
  it('fetches a file, and says how far it is', async () => {
    const { url, ranges } = await serve(fileOf(BYTES));
    const { error, seen, whole, retries } = await outcomeOf(fileFrom(url, { bytes: BYTES.length }));
    expect(error).toBeUndefined();
    expect(whole).toBe(true);
    expect(ranges).toEqual(['']);
    expect([seen[0], seen.at(-1)]).toEqual([[0, BYTES.length], [BYTES.length, BYTES.length]]); // prettier-ignore
    expect(retries).toEqual([]);
  });

  it('fetches a file of which the server does not say how long it is', async () => {
    const { url } = await serve(fileOf(BYTES, { chunked: true }));
    const { seen, whole } = await outcomeOf(fileFrom(url));
    expect(whole).toBe(true);
    expect(seen.at(-1)).toEqual([BYTES.length, undefined]);
  });

  it('goes on where the connection was cut, for the file of the same ETag', async () => {
    const { url, ranges } = await serve(fileOf(BYTES, { etag: '"a"', cuts: [100_000, 50_000] }));
    const { whole, retries, seen } = await outcomeOf(fileFrom(url, { bytes: BYTES.length }));
    expect(whole).toBe(true);
    expect(ranges).toEqual(['', 'bytes=100000- if "a"', 'bytes=150000- if "a"']);
    expect(retries[0]).toMatch(/: the connection was lost after 100\.0 kB \(.+\)\. Trying again in <0\.1s\./);
    expect(retries).toHaveLength(2);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
  });

  it('goes on the next time too, by the time of the last change where there is no ETag or a weak one', async () => {
    const lastModified = 'Tue, 01 Jan 2019 00:00:00 GMT';
    const { url, ranges } = await serve(fileOf(BYTES, { lastModified, cuts: [100_000] }));
    const file = fileFrom(url);
    const stop = new AbortController();
    const first = await outcomeOf(file, { signal: stop.signal, onRetry: () => { stop.abort(new Error('enough')); } }); // prettier-ignore
    expect(first.error).toMatchObject({ name: 'AbortError' });
    expect(statSync(file.part).size).toBe(100_000);
    expect((await outcomeOf(file)).whole).toBe(true);
    expect(ranges).toEqual(['', `bytes=100000- if ${lastModified}`]);
    const weak = await serve(fileOf(BYTES, { etag: 'W/"a"', cuts: [100_000] }));
    expect((await outcomeOf(fileFrom(weak.url))).whole).toBe(true);
    expect(weak.ranges[1]).toBe('bytes=100000-');
  });

  it('asks for nothing where all of it is there', async () => {
    const { url, ranges } = await serve(fileOf(BYTES, { etag: '"a"' }));
    const file = fileFrom(url);
    await outcomeOf(file);
    expect((await outcomeOf(file)).whole).toBe(true);
    expect(ranges).toEqual(['']);
  });

  it('begins anew where the server gives out no parts', async () => {
    const { url, ranges } = await serve(fileOf(BYTES, { ranges: false, cuts: [200_000] }));
    const { whole, seen } = await outcomeOf(fileFrom(url));
    expect(whole).toBe(true);
    expect(ranges).toEqual(['', 'bytes=200000-']);
    expect(seen.filter(([done]) => done === 0)).toHaveLength(2);
  });

  it('begins anew where the file has changed', async () => {
    const old = fileOf(Buffer.alloc(300_000, 1), { etag: '"old"', cuts: [100_000] });
    const newer = fileOf(BYTES, { etag: '"new"' });
    const { url, ranges } = await serve((request, response, count) => { (count === 0 ? old : newer)(request, response, count); }); // prettier-ignore
    expect((await outcomeOf(fileFrom(url))).whole).toBe(true);
    expect(ranges).toEqual(['', 'bytes=100000- if "old"']);
  });

  it.each<[string, Record<string, string | number>]>([
    ['of another file', { etag: '"new"', 'content-range': 'bytes 100000-299999/300000' }],
    ['of a file of another length', { etag: '"old"', 'content-range': 'bytes 100000-299999/300001' }],
    ['that begins elsewhere', { etag: '"old"', 'content-range': 'bytes 99999-299999/300000' }],
    ['of which it says nothing', { etag: '"old"' }],
  ])('begins anew where the server sends a part %s', async (_, headers) => {
    const old = fileOf(Buffer.alloc(300_000, 1), { etag: '"old"', cuts: [100_000] });
    const answers: Answering[] = [
      old,
      (__, response) => response.writeHead(206, headers).end(BYTES.subarray(100_000)),
      fileOf(BYTES),
    ];
    const { url, ranges } = await serve((request, response, count) => { answers[count](request, response, count); }); // prettier-ignore
    const { whole, retries } = await outcomeOf(fileFrom(url));
    expect(whole).toBe(true);
    expect(ranges).toEqual(['', 'bytes=100000- if "old"', '']);
    expect(retries[1]).toMatch(/sent another part of the file/);
  });

  it('takes a part to be whole where the server says so, and begins anew where it is longer than the file', async () => {
    const { url } = await serve(fileOf(BYTES));
    const file = fileFrom(url);
    const remembered = JSON.stringify({ url, sha256: SHA256 });
    writeFileSync(file.part, BYTES);
    writeFileSync(`${file.part}.json`, remembered);
    expect(await outcomeOf(file)).toMatchObject({ error: undefined, retries: [] });
    writeFileSync(file.part, Buffer.concat([BYTES, BYTES]));
    const { whole, retries } = await outcomeOf(file);
    expect(whole).toBe(true);
    expect(retries[0]).toMatch(/the server has no such part/);
  });

  it('begins anew where the part is of another address or digest, or nothing is known of it', async () => {
    const { url, ranges } = await serve(fileOf(BYTES));
    for (const state of [{ url: `${url}?x`, sha256: SHA256 }, { url, sha256: '0' }, 'torn', undefined]) {
      const file = fileFrom(url);
      writeFileSync(file.part, 'some of something else');
      if (state !== undefined) writeFileSync(`${file.part}.json`, JSON.stringify(state).slice(0, state === 'torn' ? 3 : undefined)); // prettier-ignore
      expect((await outcomeOf(file)).whole).toBe(true);
    }
    expect(ranges).toEqual(['', '', '', '']);
  });

  it('asks for the bytes as they are, and counts none where they come compressed all the same', async () => {
    const { gzipSync } = await import('node:zlib');
    const { url } = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      const body = gzipSync(BYTES);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    const { whole, error } = await outcomeOf(fileFrom(url, { bytes: BYTES.length }));
    expect([error, whole]).toEqual([undefined, true]);
  });
});

describe('download tries again', () => {
  it.each([500, 503, 429, 408])('after an answer of %i', async (status) => {
    const good = fileOf(BYTES);
    const { url } = await serve((request, response, count) => {
      if (count < 2) response.writeHead(status).end('busy');
      else good(request, response, count);
    });
    const { whole, retries } = await outcomeOf(fileFrom(url));
    expect(whole).toBe(true);
    expect(retries).toHaveLength(2);
    expect(retries[0]).toContain(`the server answers ${status}.`);
  });

  it('after a server that says nothing for a while, and one that stops in the middle', async () => {
    const good = fileOf(BYTES, { etag: '"a"' });
    const { url, ranges } = await serve((request, response, count) => {
      if (count === 0) return;
      if (count > 1) good(request, response, count);
      else response.writeHead(200, { 'content-length': BYTES.length, etag: '"a"' }).write(BYTES.subarray(0, 1000));
    });
    const { whole, retries } = await outcomeOf(fileFrom(url), { stallMs: 100 });
    expect(whole).toBe(true);
    expect(ranges).toEqual(['', '', 'bytes=1000- if "a"']);
    expect(retries[0]).toMatch(/no connection to 127\.0\.0\.1:\d+ \(nothing came for 0\.1 seconds\)/);
    expect(retries[1]).toMatch(/the connection was lost after 1\.0 kB \(nothing came for 0\.1 seconds\)/);
  });

  it('after an answer that ends before the length that is known', async () => {
    const { url, ranges } = await serve(fileOf(BYTES.subarray(0, 1000), { chunked: true, ranges: false }));
    const error = await failureOf(fileFrom(url, { bytes: BYTES.length }));
    expect(error.message).toMatch(/the connection was lost after 1\.0 kB\./);
    expect(ranges).toHaveLength(6);
  });

  it('where a network that worked a moment ago is gone', async () => {
    const { url, ranges } = await serve(fileOf(BYTES, { cuts: [1000] }));
    const fetching = vi.spyOn(globalThis, 'fetch');
    const onRetry = (): void => {
      if (fetching.mock.calls.length > 1) return;
      const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
      fetching.mockRejectedValueOnce(new TypeError('fetch failed', { cause }));
    };
    expect(await outcomeOf(fileFrom(url), { onRetry })).toMatchObject({ error: undefined, whole: true });
    expect([fetching.mock.calls.length, ranges.length]).toEqual([3, 2]);
  });

  it('not where it is slow, as long as something comes; and leaves no clock running', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      const parts = Array.from({ length: 10 }, (__, k) => BYTES.subarray(k * 30_000, (k + 1) * 30_000));
      const timer = setInterval(() => {
        const part = parts.shift();
        if (part) response.write(part);
        else clearInterval(timer);
      }, 20);
    });
    expect((await outcomeOf(fileFrom(url), { stallMs: 150 })).whole).toBe(true);
    const quick = await serve(fileOf(BYTES));
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    await outcomeOf(fileFrom(quick.url), { stallMs: 54_321 });
    const ours = timeouts.mock.results.filter((_, k) => timeouts.mock.calls[k][1] === 54_321);
    expect(ours).toHaveLength(1);
    expect(cleared).toHaveBeenCalledWith(ours[0].value);
  });

  it('five times, each time waiting twice as long, and keeps what it has', async () => {
    const { url, ranges } = await serve(fileOf(BYTES, { etag: '"a"', cuts: Array<number>(9).fill(10_000) }));
    const file = fileFrom(url, { bytes: BYTES.length });
    const { error, retries } = await outcomeOf(file, { retryMs: 5 });
    expect(error).toMatchObject({ code: 'broken', message: expect.stringContaining('after 60.0 kB') as string });
    expect(ranges).toHaveLength(6);
    expect(retries.map((why) => / in (.*)\.$/.exec(why)![1])).toEqual(['<0.1s', '<0.1s', '<0.1s', '<0.1s', '0.1s']);
    expect(statSync(file.part).size).toBe(60_000);
  });

  it('as long as it comes on', async () => {
    const large = Buffer.alloc(9 << 20, 3);
    const { url } = await serve(fileOf(large, { cuts: Array<number>(8).fill((1 << 20) + 1) }));
    const { error, retries } = await outcomeOf(fileFrom(url, { atMostBytes: 1e8 }));
    expect([error, retries.length]).toEqual([undefined, 8]);
  });

  it('where a server that said more than it has gives out no rest', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 500 }).write('short', () => response.destroy());
    });
    expect(await failureOf(fileFrom(url))).toMatchObject({ code: 'broken' });
  });
});

describe('download gives up at once', () => {
  it.each([
    [404, /songs\.zip: the server answers 404: there is no such file\./],
    [403, /answers 403: it may not be fetched\./],
    [204, /answers 204\./],
    [304, /answers 304\./],
    [206, /answers 206\./],
  ])('after an answer of %i', async (status, message) => {
    const { url, ranges } = await serve((_, response) => response.writeHead(status).end());
    expect(await failureOf(fileFrom(url))).toMatchObject({ code: 'status', message: expect.stringMatching(message) as string }); // prettier-ignore
    expect(ranges).toHaveLength(1);
  });

  it('where nobody listens', async () => {
    const port = await freePort();
    const error = await failureOf(fileFrom(`http://127.0.0.1:${port}/songs.zip`));
    expect(error.code).toBe('no-connection');
    expect(error.message).toMatch(new RegExp(`songs\\.zip: no connection to 127\\.0\\.0\\.1:${port} \\(.*ECONNREFUSED`));
  });

  it('where the server cannot prove who it is', async () => {
    const cause = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
    const fetching = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));
    expect(await failureOf(fileFrom('https://example.org/songs.zip'))).toMatchObject({ code: 'certificate', message: expect.stringContaining('(certificate has expired); nothing is fetched') as string }); // prettier-ignore
    expect(fetching).toHaveBeenCalledTimes(1);
  });

  it('where the file has another length than is known, before it is fetched', async () => {
    const { url } = await serve(fileOf(BYTES));
    const file = fileFrom(url, { bytes: 299_999 });
    const error = await failureOf(file);
    expect(error.code).toBe('changed');
    expect(error.message).toMatch(/offers a file of 300,000 bytes; expected are 299,999\./);
    expect(existsSync(file.part)).toBe(false);
    const silent = await serve(fileOf(BYTES, { chunked: true }));
    const longer = await failureOf(fileFrom(silent.url, { bytes: 299_999, atMostBytes: 299_999 }));
    expect(longer).toMatchObject({ code: 'changed', message: expect.stringContaining('a file of more than 299,999 bytes') as string }); // prettier-ignore
  });

  it('where the file is larger than it may be, whether the server says so or not', async () => {
    const { url } = await serve(fileOf(BYTES));
    expect(await failureOf(fileFrom(url, { atMostBytes: 1000 }))).toMatchObject({ code: 'too-large', message: expect.stringContaining('larger than 1.0 kB') as string }); // prettier-ignore
    const endless = await serve((_, response) => {
      const more = (): void => void response.write(BYTES, more);
      more();
    });
    const file = fileFrom(endless.url, { atMostBytes: 1e6 });
    expect(await failureOf(file)).toMatchObject({ code: 'too-large' });
    expect(statSync(file.part).size).toBeLessThanOrEqual(1e6);
  });

  it('where the disk is full', async () => {
    const { url } = await serve(fileOf(BYTES));
    const write = (): number => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    const { error } = await outcomeOf(fileFrom(url), { write });
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message).toMatch(/the disk is full: 300\.0 kB are needed/);
  });

  it('when it is asked to, while it waits, while it fetches, and before', async () => {
    const answering: Answering = (_, response) => response.writeHead(200, { 'content-length': 500_000 }).write(BYTES);
    for (const when of ['before', 'connected', 'fetching', 'waiting'] as const) {
      const { url } = await serve(when === 'waiting' ? fileOf(BYTES, { cuts: [10] }) : answering);
      const stop = new AbortController();
      const abort = (): void => {
        stop.abort(new Error('enough'));
      };
      if (when === 'before') abort();
      const options = {
        signal: stop.signal,
        retryMs: 60_000,
        onProgress: (done: number) => { if (when === 'connected' || (when === 'fetching' && done > 0)) abort(); }, // prettier-ignore
        onRetry: () => setTimeout(abort, 5),
      };
      const { error } = await outcomeOf(fileFrom(url), options);
      expect((error as Error).message, when).toMatch(/enough|abort/);
    }
  });
});

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); }); // prettier-ignore
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
