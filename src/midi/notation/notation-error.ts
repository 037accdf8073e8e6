import { DataError } from '../../errors.ts';

/** A place in a text, both counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** A text that is not in the notation; `line` and `column` say where, counted from 1. */
export class NotationError extends DataError {
  override name = 'NotationError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, place: Place) {
    super(`line ${place.line}, column ${place.column}: ${message}`);
    this.line = place.line;
    this.column = place.column;
  }
}
