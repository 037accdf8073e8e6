/**
 * The root of every error that Etude throws on purpose. Its message says what was expected, what came, and what to do.
 * Anything else that escapes is a defect of Etude.
 */
export class EtudeError extends Error {
  override name = 'EtudeError';
}

/** The caller asked for something that makes no sense: a wrong option, a value out of range, an unknown key. */
export class UsageError extends EtudeError {
  override name = 'UsageError';
}

/** Files or corpora that cannot serve: missing, empty, damaged, too short. */
export class DataError extends EtudeError {
  override name = 'DataError';
}

/** A message from whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
