import { readFileSync, rmSync } from 'node:fs';
import { writeFileAtomic } from '../files.ts';

/** What is known of the file of which a part is there. */
export interface PartState {
  /** By which the server tells whether it has the same file still: a strong ETag, or when it was last changed. */
  validator?: string;
  /** Bytes of the whole. */
  total?: number;
}

/** Where a file comes from, and the file that grows until it is whole. */
export interface Part {
  url: string;
  sha256: string;
  /** The file that grows. What is in it when the download breaks is gone on from the next time. */
  part: string;
}

/** What the server said when the part was begun; undefined where nothing is known, or it is a part of another file. */
export function readPart({ part, url, sha256 }: Part): PartState | undefined {
  try {
    const state = JSON.parse(readFileSync(besides(part), 'utf8')) as Record<string, unknown>;
    if (state.url !== url || state.sha256 !== sha256) return undefined;
    const { validator, total } = state;
    return {
      ...(typeof validator === 'string' && { validator }),
      ...(Number.isSafeInteger(total) && { total: total as number }),
    };
  } catch {
    // None there, or torn: the download begins anew.
    return undefined;
  }
}

/** @throws FileError */
export function rememberPart({ part, url, sha256 }: Part, state: PartState): void {
  writeFileAtomic(besides(part), `${JSON.stringify({ url, sha256, ...state })}\n`, { force: true });
}

export function forgetPart({ part }: Part): void {
  rmSync(besides(part), { force: true });
}

function besides(part: string): string {
  return `${part}.json`;
}
