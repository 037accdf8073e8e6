import { DataError, EtudeError, UsageError, messageOf } from '../../../errors.ts';
import type { PieceReading, ReadPieceOptions } from '../read-piece.ts';

/** What a reading thread is started with. */
export interface ReaderInit {
  options: ReadPieceOptions;
  /** The file from which the thread finds midi-parser-js, as that file itself would. */
  resolveFrom: string;
}

/** What a reading thread answers to the bytes of a file, in the order in which files came. */
export type ReaderReply = { reading: PieceReading } | { failure: ReaderFailure };

/** An error on its way between threads, where classes are lost. */
export interface ReaderFailure {
  kind: 'data' | 'usage' | 'etude' | 'defect';
  message: string;
  stack: string | undefined;
}

/** What was thrown, as plain data. */
export function describeFailure(thrown: unknown): ReaderFailure {
  const kind =
    thrown instanceof DataError
      ? 'data'
      : thrown instanceof UsageError
        ? 'usage'
        : thrown instanceof EtudeError
          ? 'etude'
          : 'defect';
  return { kind, message: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined };
}

/** An error of the class that says whose fault it was, with the stack of the thread that it comes from. */
export function reviveFailure({ kind, message, stack }: ReaderFailure): Error {
  const Kind = { data: DataError, usage: UsageError, etude: EtudeError, defect: Error }[kind];
  const error = new Kind(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
