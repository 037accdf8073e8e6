import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownFiles } from '../../../src/cli/studio/files.ts';
import { mediaType } from '../../../src/cli/local-server/headers.ts';
import { browserCommand } from '../../../src/cli/local-server/open-browser.ts';
import { RefusedError, serve, serveAsUsual, type RunningServer } from '../../../src/cli/local-server/server.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src/cli/studio/policy.ts';
import { DataError } from '../../../src/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'etude-page-'));
const temporary = (name: string): string => join(root, name);
let server: RunningServer;

beforeAll(async () => {
  const folder = temporary('page');
  mkdirSync(join(folder, 'midi-parser-js'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'page.js'), 'export {};');
  writeFileSync(join(folder, 'midi-parser-js/LICENSE'), 'GPL');
  writeFileSync(temporary('secret.txt'), 'not for the page');
  const answers = new Map(knownFiles(folder, Uint8Array.of(1, 2, 3)));
  answers.set('/sum.json', (query) => {
    const numbers = query.getAll('n').map(Number);
    if (numbers.some(Number.isNaN)) throw new RefusedError(400, 'n: expected numbers.');
    return new TextEncoder().encode(String(numbers.reduce((sum, n) => sum + n, 0)));
  });
  answers.set('/broken.json', () => {
    throw new Error('the disk is gone');
  });
  server = await serve({ answers, policy: CONTENT_SECURITY_POLICY }, 0);
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const NOTHING = { answers: new Map(), policy: CONTENT_SECURITY_POLICY };

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

/** Node's fetch would mend the path and the host before it asks. */
function ask(path: string, { method = 'GET', host }: { method?: string; host?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the server of the page', () => {
  it('hands out the page at its root, whatever stands behind a question mark', async () => {
    for (const path of ['/', '/index.html', '/?x=1']) {
      const { status, headers, body } = await ask(path);
      expect([status, headers['content-type'], body.toString()]).toEqual([
        200,
        'text/html; charset=utf-8',
        '<!doctype html>',
      ]);
    }
  });

  it('isolates the page, so that threads may share memory, and lets it load nothing from elsewhere', async () => {
    const { headers } = await ask('/page.js');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy.join()).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  });

  it('hands out the model that it was given', async () => {
    const { headers, body } = await ask('/model.safetensors');
    expect([headers['content-type'], [...body]]).toEqual(['application/octet-stream', [1, 2, 3]]);
  });

  it('tells an answer what stands behind the question mark, and says why a question is refused', async () => {
    expect((await ask('/sum.json?n=1&n=20')).body.toString()).toBe('21');
    expect((await ask('/sum.json')).body.toString()).toBe('0');
    const { status, headers, body } = await ask('/sum.json?n=?');
    expect([status, headers['content-type'], body.toString()]).toEqual([400, 'text/plain; charset=utf-8', 'n: expected numbers.\n']); // prettier-ignore
    expect(String(headers['content-security-policy'])).toContain("default-src 'none'");
    expect((await ask('/broken.json')).status).toBe(500);
    expect((await ask('/sum.json?n=1')).body.toString()).toBe('1');
  });

  it('refuses addresses that are too long to be one of ours', async () => {
    expect((await ask(`/sum.json?n=${'1'.repeat(2000)}`)).status).toBe(414);
  });

  it('answers HEAD without a body', async () => {
    const { status, headers, body } = await ask('/page.js', { method: 'HEAD' });
    expect([status, headers['content-length'], body.length]).toEqual([200, '10', 0]);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/nothing',
    '/midi-parser-js',
    '/etc/passwd',
    '//secret.txt',
    '/page.js/',
  ])('knows nothing of %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(body.toString()).not.toContain('not for the page');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const { status, headers } = await ask('/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('answers to its own names only, so that no other site can be pointed here', async () => {
    expect((await ask('/', { host: `localhost:${server.port}` })).status).toBe(200);
    for (const host of ['evil.example', `evil.example:${server.port}`, 'localhost', '127.0.0.1:1']) {
      expect((await ask('/', { host })).status).toBe(421);
    }
  });

  it('says so when the port is taken', async () => {
    await expect(serve(NOTHING, server.port)).rejects.toThrow(/another program has it/);
    await expect(serve(NOTHING, server.port)).rejects.toThrow(DataError);
  });

  it('takes a free port where the usual one is taken, and the usual one as soon as it is free', async () => {
    const first = await serve(NOTHING, 0);
    const second = await serveAsUsual(NOTHING, first.port);
    expect(second.taken).toBe(true);
    expect(second.server.port).not.toBe(first.port);
    await first.close();
    const third = await serveAsUsual(NOTHING, first.port);
    expect([third.taken, third.server.port]).toEqual([false, first.port]);
    await Promise.all([second.server.close(), third.server.close()]);
  });

  it('says how the page is built when it is not there', () => {
    expect(() => knownFiles(temporary('nowhere'))).toThrow(/npm run build/);
  });
});

describe('media types', () => {
  it.each([
    ['a/b.js', 'text/javascript; charset=utf-8'],
    ['style.css', 'text/css; charset=utf-8'],
    ['LICENSE', 'text/plain; charset=utf-8'],
    ['model.safetensors', 'application/octet-stream'],
  ])('%s is %s', (name, type) => {
    expect(mediaType(name)).toBe(type);
  });
});

describe('the program that opens the browser', () => {
  it.each([
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
    ['win32', 'cmd'],
  ])('on %s is %s, and is given the address', (platform, program) => {
    const [found, args] = browserCommand('http://127.0.0.1:1/', platform);
    expect(found).toBe(program);
    expect(args).toContain('http://127.0.0.1:1/');
  });
});
