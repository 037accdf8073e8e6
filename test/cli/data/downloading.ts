import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { download, type Download, type DownloadOptions } from '../../../src/cli/data/download.ts';
import { DownloadError } from '../../../src/cli/data/download-error.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Longer than what a socket takes at once, so that a download can be cut in the middle. */
export const BYTES = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, k) => (k * 7919) >> 3));
export const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const QUICK = { retryMs: 1, stallMs: 5000 };

/** A file of these bytes, and where it is fetched to. */
export function fileFrom(url: string, changes: Partial<Download> = {}): Download {
  return { url, sha256: SHA256, part: join(temporaryFolder(), 'songs.part'), atMostBytes: 1e6, ...changes };
}

/** What came of a download: its error, if any, and what was told meanwhile. */
export async function outcomeOf(file: Download, options: DownloadOptions = {}) {
  const seen: [number, number | undefined][] = [];
  const retries: string[] = [];
  const onProgress = (done: number, total: number | undefined): void => void seen.push([done, total]);
  const onRetry = (why: string): void => void retries.push(why);
  const error: unknown = await download(file, { ...QUICK, onProgress, onRetry, ...options }).catch(
    (thrown: unknown) => thrown,
  );
  // Comparing arrays number by number takes longer than all the rest.
  const whole = existsSync(file.part) && readFileSync(file.part).equals(BYTES);
  return { error, seen, retries, whole };
}

export async function failureOf(file: Download, options: DownloadOptions = {}): Promise<DownloadError> {
  const { error } = await outcomeOf(file, options);
  expect(error).toBeInstanceOf(DownloadError);
  return error as DownloadError;
}

