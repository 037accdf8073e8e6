import { connectionFailure, DownloadError, type Failing } from './download-error.ts';

/** What is asked for: the file from a byte on, if it is still the one that the validator is of. */
export interface Wanted {
  from: number;
  validator?: string;
}

/** What a server answered. */
export interface Answer {
  status: number;
  /** Bytes that come, where the server says. */
  length?: number;
  /** Of a part: its first byte, and how many the whole has. */
  range?: { start?: number; total?: number };
  /** A strong ETag, or when the file was last changed. */
  validator?: string;
  /** The bytes as they come. @throws where the connection breaks or stalls */
  chunks(): AsyncIterable<Uint8Array>;
  /** Ends the connection, if it has not ended. */
  close(): void;
}

interface Waiting {
  signal?: AbortSignal;
  stallMs?: number;
}

const REDIRECTS = 5;
const STALL_MS = 30_000;

/**
 * Asks for a file, following redirects. Plain http is taken from the loopback, and where the user's own address has it.
 *
 * @throws DownloadError, the signal's reason
 */
export async function request(url: string, wanted: Wanted, { signal, stallMs = STALL_MS }: Waiting): Promise<Answer> {
  const stall = new Stall(stallMs);
  const signals = [stall.signal, ...(signal ? [signal] : [])];
  try {
    const response = await follow({ url }, headersFor(wanted), AbortSignal.any(signals));
    return answerOf(response, stall);
  } catch (thrown) {
    stall.end();
    signal?.throwIfAborted();
    throw thrown instanceof DownloadError ? thrown : connectionFailure({ url }, stall.signal.aborted ? stall.signal.reason : thrown); // prettier-ignore
  }
}

function headersFor({ from, validator }: Wanted): Record<string, string> {
  return {
    // A file that is compressed on the way has no parts that could be gone on from.
    'accept-encoding': 'identity',
    'user-agent': 'etude-lstm',
    ...(from > 0 && { range: `bytes=${from}-` }),
    ...(from > 0 && validator !== undefined && { 'if-range': validator }),
  };
}

async function follow(asked: Failing, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const plain = new URL(asked.url).protocol === 'http:';
  let url = new URL(asked.url);
  for (let left = REDIRECTS; ; left--) {
    const response = await fetch(url.href, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    if (left === 0) throw new DownloadError('redirect', asked, `the server sends on from one address to the next, more than ${REDIRECTS} times.`); // prettier-ignore
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || !mayFollow(next, plain)) {
      throw new DownloadError('redirect', asked, `the server sends on to ${next?.href ?? 'what is no address'}, which is not followed: expected is an address that begins with https:.`); // prettier-ignore
    }
    url = next;
  }
}

function mayFollow({ protocol, hostname }: URL, plain: boolean): boolean {
  return protocol === 'https:' || (protocol === 'http:' && (plain || isLoopback(hostname)));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function answerOf(response: Response, stall: Stall): Answer {
  const { status, headers, body } = response;
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  // What is compressed on the way against our wish has another length here than there.
  const encoded = !['identity', ''].includes(headers.get('content-encoding') ?? '');
  return {
    status,
    length: encoded ? undefined : wholeNumber(headers.get('content-length') ?? undefined),
    range: headers.has('content-range') ? { start: wholeNumber(start), total: wholeNumber(total) } : undefined,
    validator: validatorOf(headers),
    async *chunks() {
      try {
        for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
          stall.alive();
          yield chunk;
        }
      } catch (thrown) {
        throw stall.signal.aborted ? stall.signal.reason : thrown;
      }
    },
    close() {
      stall.end();
      body?.cancel().catch(() => undefined);
    },
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** RFC 9110, 13.1.5: a weak ETag is none for parts. */
function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  if (etag !== null && !etag.startsWith('W/')) return etag;
  return headers.get('last-modified') ?? undefined;
}

/** Aborts when nothing was heard for a while. */
class Stall {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(new StalledError(ms));
    }, ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  alive(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

class StalledError extends Error {
  constructor(ms: number) {
    super(`nothing came for ${ms / 1000} seconds`);
  }
}
