import { DataError, messageOf } from '../../errors.ts';
import { formatBytes } from '../files.ts';
import { printable } from '../../text/table.ts';

/** Why a file could not be fetched. */
export type DownloadErrorCode =
  | 'no-connection'
  /** The server could not prove who it is. */
  | 'certificate'
  /** The connection was lost, or stalled. */
  | 'broken'
  | 'status'
  | 'redirect'
  /** The server has another file than the one that is known. */
  | 'changed'
  | 'too-large'
  | 'digest';

/** What was being fetched. */
export interface Failing {
  url: string;
}

/** A download that failed. What was fetched is kept where it can be gone on from. */
export class DownloadError extends DataError {
  override name = 'DownloadError';
  readonly code: DownloadErrorCode;
  /** What went wrong, without the address. */
  readonly why: string;
  /** Whether it may work a little later. */
  readonly mayPass: boolean;

  constructor(
    code: DownloadErrorCode,
    { url }: Failing,
    message: string,
    { mayPass = false, cause }: { mayPass?: boolean; cause?: unknown } = {},
  ) {
    super(`${url}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.why = message;
    this.mayPass = mayPass;
  }
}

/** What an answer other than with the file means. */
export function statusFailure(file: Failing, status: number): DownloadError {
  const mayPass = status === 408 || status === 429 || status >= 500;
  const meaning =
    status === 404 || status === 410
      ? ': there is no such file'
      : status === 401 || status === 403
        ? ': it may not be fetched'
        : '';
  return new DownloadError('status', file, `the server answers ${status}${meaning}.`, { mayPass });
}

/** Hosts without an address, and those where nobody listens: trying again soon does not help. */
const NOBODY = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'];
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

/**
 * What an error of fetch means.
 * @param done bytes that are there, where the connection was lost; without, there was none
 */
export function connectionFailure(file: Failing, thrown: unknown, done?: number): DownloadError {
  const cause = causeOf(thrown);
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  const because = cause === undefined ? '' : ` (${printable(messageOf(cause) || code)})`;
  if (CERTIFICATE.test(code)) {
    return new DownloadError('certificate', file, `the server cannot prove who it is${because}; nothing is fetched from it.`, { cause }); // prettier-ignore
  }
  if (done !== undefined) {
    return new DownloadError('broken', file, `the connection was lost after ${formatBytes(done)}${because}.`, { mayPass: true, cause }); // prettier-ignore
  }
  const mayPass = !NOBODY.includes(code);
  return new DownloadError('no-connection', file, `no connection to ${new URL(file.url).host}${because}.`, { mayPass, cause }); // prettier-ignore
}

/** fetch says "fetch failed", and why in the cause; of several addresses that of the first. */
function causeOf(thrown: unknown): unknown {
  if (thrown instanceof AggregateError) return causeOf(thrown.errors[0]);
  return thrown instanceof Error && thrown.cause !== undefined ? causeOf(thrown.cause) : thrown;
}
