import type { Row } from '../../../bench/results.ts';
import { formatTableLine, type Column } from '../../text/table.ts';
import type { Terminal } from '../terminal.ts';

/** Shows a benchmark while it runs: what it is doing on stderr, its rows on stdout as they are made. */
export class Live {
  readonly #terminal: Terminal;
  readonly #jsonRows: boolean;
  #columns: readonly Column[] = [];
  #untitled = false;
  #tables = 0;
  #drawn = false;
  #said = '';

  /** @param jsonRows whether with --json each row is a line of its own, printed at once */
  constructor(terminal: Terminal, { jsonRows = true } = {}) {
    this.#terminal = terminal;
    this.#jsonRows = jsonRows;
  }

  /** What is being done from now on: a line that is drawn over on a terminal, and stays elsewhere. Nothing with --quiet or --json. */
  stage(words: string): void {
    const { quiet, json, redraws } = this.#terminal;
    if (quiet || json || words === this.#said) return;
    this.#said = words;
    if (redraws) this.#draw(words);
    else this.#terminal.say(`${words} ...`);
  }

  /** The same for what lasts as long as a row: drawn on a terminal, and elsewhere left to the row. */
  detail(words: string): void {
    const { quiet, json, redraws } = this.#terminal;
    if (redraws && !quiet && !json) this.#draw(words);
  }

  /** Begins a table; its titles come with its first row. */
  table(columns: readonly Column[]): void {
    this.#columns = columns;
    this.#untitled = true;
  }

  /** A row of the table that was begun. */
  row(row: Row, cells: readonly string[]): void {
    this.clear();
    const terminal = this.#terminal;
    if (terminal.json) {
      if (this.#jsonRows) terminal.printJson(row);
      return;
    }
    if (this.#untitled) {
      if (this.#tables++ > 0) terminal.print('');
      terminal.print(terminal.colors.bold(formatTableLine(this.#columns, this.#columns.map(({ title }) => title)))); // prettier-ignore
      this.#untitled = false;
    }
    terminal.print(formatTableLine(this.#columns, cells));
  }

  /** Takes away the line of what is being done. */
  clear(): void {
    if (this.#drawn) this.#terminal.io.stderr.write('\r\u001b[K');
    this.#drawn = false;
  }

  #draw(words: string): void {
    // One character less than the width: a full line makes some terminals wrap.
    this.#terminal.io.stderr.write(`\r${words.slice(0, this.#terminal.width - 1)}\u001b[K`);
    this.#drawn = true;
  }
}
