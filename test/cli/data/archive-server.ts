import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Answers a request; `count` is how many there were before it. */
export type Answering = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export interface ArchiveServer {
  /** Ends in `songs.zip`. */
  url: string;
  /** The Range and If-Range of each request, in order; empty where it had none. */
  ranges: string[];
}

/** A server on the loopback that is closed when the test has finished. */
export async function serve(answering: Answering): Promise<ArchiveServer> {
  const ranges: string[] = [];
  const server = createServer((request, response) => {
    const { range = '', 'if-range': ifRange } = request.headers;
    ranges.push(ifRange === undefined ? range : `${range} if ${String(ifRange)}`);
    answering(request, response, ranges.length - 1);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/songs.zip`, ranges };
}

export interface FileOptions {
  etag?: string;
  lastModified?: string;
  /** Whether parts are given out. @default true */
  ranges?: boolean;
  /** Breaks the connection of the first requests after so many bytes each. */
  cuts?: readonly number[];
  /** Says nothing of the length. */
  chunked?: boolean;
}

/** Gives out a file as a good server does, but for what the options say. */
export function fileOf(bytes: Buffer, options: FileOptions = {}): Answering {
  return (request, response, count) => {
    const { etag, lastModified, ranges = true, cuts = [], chunked = false } = options;
    const from = ranges ? rangeOf(request, etag ?? lastModified) : undefined;
    if (from !== undefined && from >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const body = bytes.subarray(from ?? 0);
    response.writeHead(from === undefined ? 200 : 206, {
      ...(!chunked && { 'content-length': body.length }),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { 'last-modified': lastModified }),
      ...(from !== undefined && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    if (count >= cuts.length) response.end(body);
    else response.write(body.subarray(0, cuts[count]), () => response.destroy());
  };
}

/** The first byte that is asked for, if it is of the file that is there. */
function rangeOf({ headers }: IncomingMessage, validator: string | undefined): number | undefined {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const ifRange = headers['if-range'];
  return from === undefined || (ifRange !== undefined && ifRange !== validator) ? undefined : Number(from);
}
