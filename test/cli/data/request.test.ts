import { afterEach, describe, expect, it, vi } from 'vitest';
import { fileOf, serve, type Answering } from './archive-server.ts';
import { BYTES, failureOf, fileFrom, outcomeOf } from './downloading.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('download follows where the server sends it', () => {
  const to = (location: string, status = 302): Answering => (_, response) => response.writeHead(status, { location }).end(); // prettier-ignore

  it.each([301, 302, 303, 307, 308])('by %i, relative to where it is, and asks there for the rest too', async (status) => {
    const target = fileOf(BYTES, { etag: '"a"', cuts: [0, 100_000, 0] });
    const { url, ranges } = await serve((request, response, count) => {
      (request.url === '/moved' ? target : to('/moved', status))(request, response, count);
    });
    expect((await outcomeOf(fileFrom(url))).whole).toBe(true);
    expect(ranges).toEqual(['', '', 'bytes=100000- if "a"', 'bytes=100000- if "a"']);
  });

  it('not for ever', async () => {
    const { url, ranges } = await serve(to('/songs.zip'));
    expect(await failureOf(fileFrom(url))).toMatchObject({ code: 'redirect', message: expect.stringContaining('more than 5 times') as string }); // prettier-ignore
    expect(ranges).toHaveLength(6);
  });

  it.each(['ftp://example.org/x', 'file:///etc/passwd', 'data:,x', 'http://', 'javascript:1'])('not to %s', async (location) => {
    const { url } = await serve(to(location));
    expect(await failureOf(fileFrom(url))).toMatchObject({ code: 'redirect', message: expect.stringContaining('not followed') as string }); // prettier-ignore
  });

  it('from https to plain http on the loopback alone', async () => {
    const fetching = vi.spyOn(globalThis, 'fetch');
    const sendsTo = (location: string): void => {
      fetching.mockReset();
      fetching.mockImplementation((asked) =>
        Promise.resolve(
          String(asked).startsWith('https:')
            ? new Response(null, { status: 302, headers: { location } })
            : new Response(BYTES, { headers: { 'content-length': String(BYTES.length) } }),
        ),
      );
    };
    for (const host of ['example.org', '127.example.org', '10.0.0.1', 'localhost.example.org']) {
      sendsTo(`http://${host}/songs.zip`);
      expect(await failureOf(fileFrom('https://example.org/songs.zip')), host).toMatchObject({ code: 'redirect' });
      expect(fetching).toHaveBeenCalledTimes(1);
    }
    for (const host of ['localhost:8000', '127.0.0.1', '[::1]:1234']) {
      sendsTo(`http://${host}/songs.zip`);
      expect((await outcomeOf(fileFrom('https://example.org/songs.zip'))).whole, host).toBe(true);
    }
  });
});

