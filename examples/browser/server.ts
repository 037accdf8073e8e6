import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative, sep } from 'node:path';

/** A server of this machine, for this machine. */
export interface PageServer {
  url: string;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** With these two a page is cross-origin isolated, and its threads may share memory. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * gpu.js compiles the text of functions, on threads also from blobs, so that its page has to allow it. Nothing comes from
 * another host.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "img-src 'self' data:",
].join('; ');

/**
 * Serves the files of a folder as they are when it starts, on the loopback.
 *
 * @param port 0 takes a free one
 * @param isolated whether pages are cross-origin isolated
 */
export async function servePage(folder: string, port = 0, isolated = true): Promise<PageServer> {
  const files = readFolder(folder);
  const server = createServer(({ url = '/', headers }, response) => {
    const path = url.split(/[?#]/)[0];
    const body = files.get(path === '/' ? '/index.html' : path);
    const here = (server.address() as AddressInfo).port;
    // A name of another machine that was made to point here (DNS rebinding) gets nothing.
    const asked = headers.host === `${LOOPBACK}:${here}` || headers.host === `localhost:${here}`;
    if (!body || !asked) {
      response.writeHead(body ? 421 : 404, { 'Content-Type': 'text/plain' }).end('There is nothing here.\n');
      return;
    }
    const type = TYPES[path === '/' ? 'html' : path.split('.').at(-1)!] ?? 'application/octet-stream';
    const policy = { 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' };
    response.writeHead(200, { 'Content-Type': type, ...policy, ...(isolated ? ISOLATION : {}) }).end(body);
  });
  await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A browser keeps its connections open.
        server.closeAllConnections();
      }),
  };
}

function readFolder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, readFileSync(path));
  }
  return files;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
}
