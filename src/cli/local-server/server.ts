import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataError, messageOf } from '../../errors.ts';
import { HEADERS, mediaType } from './headers.ts';

/** Only this machine reaches it. */
const LOOPBACK = '127.0.0.1';

/**
 * What a server may answer with, by the path of the address: nothing else is looked for. Each is given what stands behind the
 * question mark, and throws {@link RefusedError} where that makes no sense.
 */
export type KnownAnswers = ReadonlyMap<string, (query: URLSearchParams) => Uint8Array>;

/** A page and everything that belongs to it. */
export interface ServedPage {
  answers: KnownAnswers;
  /** Its content security policy. */
  policy: string;
}

/** A question that is not answered, with the status that says why. */
export class RefusedError extends DataError {
  override name = 'RefusedError';
  readonly status: 400 | 404 | 409;

  constructor(status: RefusedError['status'], sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** A server that answers. */
export interface RunningServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

/**
 * Serves known answers on the loopback, and nothing else: GET and HEAD, by their exact paths.
 *
 * @param port 0 takes a free one
 * @throws DataError when the port cannot be had
 */
export async function serve(page: ServedPage, port: number): Promise<RunningServer> {
  const server = createServer((request, response) => answer(page, request, response));
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${taken}/`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A browser keeps its connections open; it has what it needs.
        server.closeAllConnections();
      }),
  };
}

/** The port belongs to another program, or to another page of ours. */
class PortTakenError extends DataError {}

/**
 * Serves where the page usually is, or at a free port where that one is taken.
 *
 * @throws DataError when no port can be had
 */
export async function serveAsUsual(
  page: ServedPage,
  usual: number,
): Promise<{ server: RunningServer; taken: boolean }> {
  try {
    return { server: await serve(page, usual), taken: false };
  } catch (thrown) {
    if (!(thrown instanceof PortTakenError)) throw thrown;
    return { server: await serve(page, 0), taken: true };
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const why = taken ? 'another program has it' : messageOf(error);
      const sentence = `--port ${port}: cannot listen there: ${why}. Choose another port, or leave it out.`;
      reject(taken ? new PortTakenError(sentence) : new DataError(sentence));
    });
    server.listen(port, LOOPBACK, resolve);
  });
}

/** Longer addresses ask for nothing that we have. */
const LONGEST_ADDRESS = 1000;

function answer({ answers, policy }: ServedPage, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', policy);
  if (!isOwnHost(request)) return refuse(response, 421, 'This server answers for this machine only.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET and HEAD are answered.');
  }
  const address = request.url ?? '/';
  if (address.length > LONGEST_ADDRESS) return refuse(response, 414, 'The address is too long.');
  const [path, query = ''] = address.split('#')[0].split(/\?(.*)/s);
  const read = answers.get(path);
  if (!read) return refuse(response, 404, 'There is no such file here.');
  let body: Uint8Array;
  try {
    body = read(new URLSearchParams(query));
  } catch (thrown) {
    if (thrown instanceof RefusedError) return refuse(response, thrown.status, thrown.message);
    return refuse(response, 500, `The file cannot be read: ${messageOf(thrown)}`);
  }
  const type = mediaType(path === '/' ? 'index.html' : path);
  response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** A name of another machine that was made to point here (DNS rebinding) must not read what we serve. */
function isOwnHost({ headers, socket }: IncomingMessage): boolean {
  const port = socket.localPort;
  return [`${LOOPBACK}:${port}`, `localhost:${port}`].includes(headers.host ?? '');
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}
