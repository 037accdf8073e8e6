/** The widest line of a help text. */
const WIDEST = 100;
/** What a narrow terminal still gets. */
const NARROWEST = 30;
/** Words of an option that are longer stand on a line of their own, with what they mean below. */
const WIDEST_TERM = 28;
const INDENT = 2;
const GAP = 2;

/** How wide a help text is on a terminal of so many columns; 80 where nobody knows. */
export function helpWidth(columns: number | undefined): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columns ?? 80));
}

/** The column in which meanings begin, for terms of these lengths. */
export function termColumn(lengths: readonly number[]): number {
  return Math.max(0, ...lengths.filter((length) => length <= WIDEST_TERM));
}

/**
 * A term and what it means: side by side, with a hanging indent, where there is room, else below each other. No line is
 * wider than `width`, but for words that cannot be broken.
 * @param column see {@link termColumn}
 */
export function formatItem(term: string, column: number, meaning: string, width: number): string {
  const hang = INDENT + column + GAP;
  const beside = term.length <= column && width - hang >= WIDEST_TERM;
  if (!meaning) return wrapTerm(term, width);
  if (!beside) return `${wrapTerm(term, width)}\n${wrapped(meaning, width, 3 * INDENT)}`;
  return ' '.repeat(INDENT) + term.padEnd(column + GAP) + wrapped(meaning, width, hang).trimStart();
}

/** Paragraphs and indented lines, each wrapped; what follows two spaces inside a line hangs below itself. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      const front = /^\s+\S+\s{2,}|^\s*/.exec(line)![0];
      const hang = front.trim() === '' ? front.length : Math.min(front.length, Math.floor(width / 3));
      const rest = line.slice(front.length);
      if (rest === '') return line.trimEnd();
      if (front.length + rest.length <= width) return line;
      if (hang < front.length) return `${front.trimEnd()}\n${wrapped(rest, width, hang)}`;
      return front + wrapped(rest, width, hang).slice(hang);
    })
    .join('\n');
}

/** A command line and its effect, side by side or below each other. A command line is never broken: it is there to be copied. */
export function formatExample(line: string, effect: string, column: number, width: number): string {
  const indent = ' '.repeat(INDENT);
  if (!effect) return indent + line;
  const beside = `${indent}${line.padEnd(column)}   ${effect}`;
  return beside.length <= width ? beside : `${indent}${line}\n${wrapped(effect, width, 3 * INDENT)}`;
}

function wrapped(text: string, width: number, indent: number): string {
  const room = Math.max(10, width - indent);
  return linesOf(text.split(/\s+/), ' ', room)
    .map((line) => ' '.repeat(indent) + line)
    .join('\n');
}

/** Breaks a long list of choices after a bar. */
function wrapTerm(term: string, width: number): string {
  const [first, ...rest] = linesOf(term.split(/(?<=\|)/), '', width - 2 * INDENT);
  return [' '.repeat(INDENT) + first, ...rest.map((line) => ' '.repeat(2 * INDENT) + line)].join('\n');
}

function linesOf(words: readonly string[], between: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? lines[lines.length - 1] + between + word : undefined;
    if (longer !== undefined && longer.length <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
