import { UsageError } from '../errors.ts';

/** The model with whose weights another one began. */
export interface ModelOrigin {
  /** Where it lay, where there were files. */
  path?: string;
  /** SHA-256 of its weights. */
  digest: string;
  /** Digests of the files that it was trained on, and those before it. */
  trainedOn: string[];
}

/**
 * Reads what a checkpoint says of the model that its own began with.
 * @throws UsageError when it says something else
 */
export function parseOrigin(json: unknown): ModelOrigin {
  const { path, digest, trainedOn } = (json ?? {}) as Record<string, unknown>;
  const areTexts = Array.isArray(trainedOn) && trainedOn.every((each) => typeof each === 'string');
  if (typeof digest !== 'string' || !areTexts || !['string', 'undefined'].includes(typeof path)) {
    throw new UsageError('from: expected a digest, the digests of what was trained on, and perhaps a path.');
  }
  return { ...(path !== undefined && { path: path as string }), digest, trainedOn };
}
