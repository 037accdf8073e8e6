import { appendFileSync, readFileSync } from 'node:fs';
import { DataError } from '../errors.ts';
import { finiteJson } from './finite-json.ts';
import { outputError, writeFileAtomic } from './files.ts';

/** A line of log.jsonl. Every line names its kind and how many training steps were done when it was written. */
export interface LogEntry {
  event: string;
  step: number;
  [key: string]: unknown;
}

/**
 * The log of a run: one JSON object a line, added as things happen. A line that a crash cut short is dropped when the log
 * is opened again.
 */
export class LogFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Adds a line.
   * @throws FileError when the disk is full or the file cannot be written
   */
  append(entry: LogEntry): void {
    const line = `${finiteJson(entry)}\n`;
    try {
      appendFileSync(this.path, line);
    } catch (thrown) {
      throw outputError(this.path, thrown, line.length);
    }
  }

  /**
   * The lines so far; none where there is no file.
   * @throws DataError where a line that is not the last is not ours
   */
  read(): LogEntry[] {
    const lines = this.#text().split('\n');
    const torn = lines.pop();
    const entries = lines.map((line, index) => this.#parse(line, index + 1));
    // A last line without its line end is kept where it is whole.
    const last = torn === '' || torn === undefined ? undefined : parseEntry(torn);
    return last ? [...entries, last] : entries;
  }

  /**
   * Drops what was logged after step `step`, so that a run that resumes from there writes it anew: lines of later steps,
   * and the torn end of a crash. Replaces the file in one go.
   * @returns the lines that are left
   */
  truncateAfter(step: number): LogEntry[] {
    const kept = this.read().filter((entry) => entry.step <= step);
    writeFileAtomic(this.path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { force: true });
    return kept;
  }

  #text(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw thrown;
    }
  }

  #parse(line: string, number: number): LogEntry {
    const entry = parseEntry(line);
    if (entry) return entry;
    throw new DataError(`${this.path}: line ${number} is not a line of a training log; the file is damaged.`);
  }
}

function parseEntry(line: string): LogEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<LogEntry> | null;
    return typeof value?.event === 'string' && typeof value.step === 'number' ? (value as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}
