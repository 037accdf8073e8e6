import { parseBar, type WrittenBar } from './bar.ts';
import { equal, show } from './fraction.ts';
import { barLength, isHeaderKey, parseHeader, type HeaderValue } from './header.ts';
import { NotationError, type Place } from './notation-error.ts';
import type { Bar, Header, Score, Section } from './score.ts';
import { counted } from '../../text/words.ts';

/** A line of the text that says something, without its comment. */
interface Line {
  text: string;
  number: number;
}

/** Voice lines that stand together: the staves of one system on a page. */
type System = { voice: number; bars: WrittenBar[]; line: number }[];

const LABELLED = /^(\s*)([a-z][a-z0-9]*)(\s*:\s*)(.*?)\s*$/;
const SECTION = /^\s*section(?:\s+(\S+))?\s*$/;

/**
 * A text in Etude's notation (docs/notation.md) to a checked score: every bar adds up to the meter or to the length that
 * it declares, the voices of a system have the same bars, and the order of playing names sections that exist.
 *
 * @throws NotationError with line and column of the first thing that is wrong
 */
export function parseNotation(text: string): Score {
  const numbered = text.split(/\r?\n/).map((line, i): Line => ({ text: line, number: i + 1 }));
  // A line of comment is no empty line: it may stand between the voices of a system.
  const lines = numbered
    .filter((line) => !/^\s*#/.test(line.text))
    .map((line) => ({ ...line, text: withoutComment(line.text) }));
  const body = lines.findIndex(({ text: line }) => line.trim() !== '' && !isHeaderLine(line));
  const headerLines = readHeaderLines(body < 0 ? lines : lines.slice(0, body));
  const end = { line: body < 0 ? numbered.length : lines[body].number, column: 1 };
  const header = parseHeader(headerLines, end);
  const sections = parseSections(body < 0 ? [] : lines.slice(body), header);
  if (!sections.some((section) => section.bars.length > 0))
    throw new NotationError('the text has no bars of music.', end);
  return { header, sections, order: parseOrder(headerLines.get('play'), sections) };
}

/** Below the header a `#` after a space opens a comment; elsewhere it is a sharp or part of a title. */
function withoutComment(line: string): string {
  return isHeaderLine(line) ? line : line.replace(/\s#.*$/, '');
}

function isHeaderLine(line: string): boolean {
  const label = LABELLED.exec(line)?.[2];
  return label !== undefined && isHeaderKey(label);
}

function readHeaderLines(lines: Line[]): Map<string, HeaderValue> {
  const values = new Map<string, HeaderValue>();
  for (const { text, number } of lines) {
    if (text.trim() === '') continue;
    const [, indent, key, colon, value] = LABELLED.exec(text)!;
    if (values.has(key))
      throw new NotationError(`"${key}:" is said twice.`, { line: number, column: indent.length + 1 });
    const place = { line: number, column: indent.length + key.length + colon.length + 1 };
    if (value === '') throw new NotationError(`"${key}:" says nothing.`, place);
    values.set(key, { value, ...place });
  }
  return values;
}

function parseSections(lines: Line[], header: Header): Section[] {
  const sections: Section[] = [];
  let system: System = [];
  const finishSystem = () => {
    if (system.length === 0) return;
    if (sections.length === 0) sections.push({ name: '', bars: [] });
    const section = sections.at(-1)!;
    section.bars.push(...barsOf(system, header, section));
    system = [];
  };
  let headingLine = 0;
  const finishSection = () => {
    finishSystem();
    const open = sections.at(-1);
    if (open?.bars.length === 0) {
      throw new NotationError(`section ${open.name} has no bars.`, { line: headingLine, column: 1 });
    }
  };
  for (const { text, number } of lines) {
    const heading = SECTION.exec(text);
    if (heading) {
      finishSection();
      sections.push({ name: sectionName(heading[1], sections, number), bars: [] });
      headingLine = number;
    } else if (text.trim() === '') finishSystem();
    else system.push(parseVoiceLine(text, number, header, system));
  }
  finishSection();
  return sections;
}

function sectionName(name: string | undefined, before: Section[], line: number): string {
  const place = { line, column: 1 };
  if (!name) throw new NotationError('a section needs a name, for instance "section A".', place);
  if (before.some((section) => section.name === name)) {
    throw new NotationError(`section ${name} is there already.`, place);
  }
  if (before[0]?.name === '') throw new NotationError('there are bars before the first "section" line.', place);
  return name;
}

function parseVoiceLine(text: string, line: number, header: Header, system: System): System[number] {
  const match = LABELLED.exec(text);
  const names = header.voices.map(({ name }) => name);
  const voice = names.indexOf(match?.[2] ?? '');
  const column = (match?.[1].length ?? 0) + 1;
  if (!match || voice < 0) {
    const expected = `a line of one of the voices (${names.join(', ')}), as in "${names[0]}: c4:4 d e f |"`;
    const late = match && isHeaderKey(match[2]) ? ` "${match[2]}:" belongs above the music.` : '';
    throw new NotationError(`expected ${expected}, or "section NAME".${late}`, { line, column });
  }
  if (system.some((staff) => staff.voice === voice)) {
    throw new NotationError(`"${names[voice]}" is in this system already; leave an empty line between systems.`, {
      line,
      column,
    });
  }
  return {
    voice,
    line,
    bars: splitBars(match[4], { line, column: column + match[2].length + match[3].length }, header),
  };
}

function splitBars(text: string, place: Place, header: Header): WrittenBar[] {
  const full = barLength(header.meter);
  const parts = text.replace(/\|\s*$/, '').split('|');
  const bars: WrittenBar[] = [];
  let column = place.column;
  for (const [i, part] of parts.entries()) {
    const here = { line: place.line, column };
    column += part.length + 1;
    // A line may open with a bar line, as on paper.
    if (i === 0 && part.trim() === '' && parts.length > 1) continue;
    const previous = bars.at(-1);
    if (part.trim() !== '%') bars.push(parseBar(part, here, full));
    else if (previous) bars.push(previous);
    else throw new NotationError('"%" repeats the bar before it on the line, and there is none.', here);
  }
  return bars;
}

function barsOf(system: System, header: Header, section: Section): Bar[] {
  const [first] = system;
  const nameOf = ({ voice }: System[number]) => `"${header.voices[voice].name}"`;
  for (const staff of system) {
    if (staff.bars.length !== first.bars.length) {
      throw new NotationError(
        `${nameOf(staff)} has ${count(staff.bars.length)} in this system, ${nameOf(first)} has ${first.bars.length}.`,
        { line: staff.line, column: 1 },
      );
    }
  }
  return first.bars.map((_, i) => {
    const number = section.bars.length + i + 1;
    for (const staff of system) checkLength(staff.bars[i], first.bars[i], header, nameOf(staff), number, section);
    return {
      length: first.bars[i].length,
      voices: header.voices.map((_each, voice) => system.find((staff) => staff.voice === voice)?.bars[i].notes ?? []),
    };
  });
}

function checkLength(
  bar: WrittenBar,
  top: WrittenBar,
  header: Header,
  voice: string,
  number: number,
  section: Section,
): void {
  const where = `bar ${number} of ${voice}${section.name && ` in section ${section.name}`}`;
  const { declared, length } = bar;
  const { beats, unit } = header.meter;
  if (declared && !equal(length, declared)) {
    throw new NotationError(`${where} declares @${show(declared)} and lasts ${show(length)} of a whole note.`, bar);
  }
  if (!declared && !equal(length, barLength(header.meter))) {
    throw new NotationError(
      `${where} lasts ${show(length)} of a whole note, and the meter is ${beats}/${unit}. ` +
        `If that is meant, as in an upbeat, declare it: @${length.n}/${length.d} at the beginning of the bar.`,
      bar,
    );
  }
  if (!equal(length, top.length)) {
    throw new NotationError(`${where} lasts ${show(length)}, the first voice of its system ${show(top.length)}.`, bar);
  }
}

function parseOrder(play: HeaderValue | undefined, sections: Section[]): number[] {
  if (!play) return sections.map((_, i) => i);
  const order = play.value.split(/\s+/).map((name) => {
    const at = sections.findIndex((section) => section.name === name);
    if (at < 0) throw new NotationError(`there is no section "${name}" to play.`, play);
    return at;
  });
  const unplayed = sections.find((_, i) => !order.includes(i));
  if (unplayed) throw new NotationError(`section "${unplayed.name}" is never played.`, play);
  return order;
}

function count(bars: number): string {
  return counted(bars, 'bar');
}
