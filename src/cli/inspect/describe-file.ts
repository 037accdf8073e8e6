import { noteTable, type Instrument, type MidiFile, type NoteTable } from '../../midi/index.ts';
import { programName } from '../../midi/general-midi.ts';
import { noteName } from '../../midi/note-names.ts';
import { spreadOf, type Spread } from '../../music/index.ts';
import { pedalFigures, type PedalFigures } from './pedal-figures.ts';
import { formatTable, printable, type Column } from '../../text/table.ts';
import type { Colors } from '../terminal.ts';
import { clock, counted, formatCount } from '../../text/words.ts';

/** No more changes of tempo or meter and no more instruments than this are listed; --json has them all. */
const MAX_LISTED = 16;

/** What is shown of a file. */
export interface FileView {
  path: string;
  file: MidiFile;
  /** Whose notes are listed; undefined in a file without notes. */
  chosen: Instrument | undefined;
  /** How many of its first notes. */
  notes: number;
  colors: Colors;
}

/** A MIDI file in words and tables, for people. */
export function describeFile(view: FileView): string {
  const { path, file, chosen, colors } = view;
  const parts = [
    `${colors.bold(printable(path))}\n${indent(overview(file))}`,
    ...(file.instruments.length > 0 ? [indent(instrumentTable(file, chosen, colors))] : []),
    ...(chosen ? noteParts(view, chosen) : []),
    ...(file.problems.length > 0 ? [indent(problemList(file, colors))] : []),
  ];
  return parts.join('\n\n');
}

function overview({ format, resolution, tempo, meter, instruments, endTime }: MidiFile): string {
  const count = instruments.reduce((sum, { notes }) => sum + notes.length, 0);
  const tempos = tempo.map(([second, bpm]): Change => [second, `${formatNumber(bpm)} bpm`]);
  const meters = meter.map(([second, beats, unit]): Change => [second, `${beats}/${unit}`]);
  return (
    `format ${format}, ${counted(resolution, 'tick')} a quarter note, ${clock(endTime)}, ` +
    `${counted(count, 'note')}\ntempo ${listed(tempos)}` +
    (meters.length > 0 ? `\nmeter ${listed(meters)}` : '')
  );
}

/** What holds from a time on. */
type Change = [seconds: number, text: string];

/** The first changes, in words; only what begins with the file needs no time. */
function listed(changes: readonly Change[]): string {
  const shown = changes
    .slice(0, MAX_LISTED)
    .map(([seconds, text]) => (seconds > 0 ? `${text} from ${clock(seconds)}` : text));
  const more = changes.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${counted(more, 'more change')}` : '');
}

function instrumentTable({ instruments }: MidiFile, chosen: Instrument | undefined, colors: Colors): string {
  // Where all are merged, the chosen one is none of them.
  const isMerged = chosen !== undefined && !instruments.includes(chosen);
  const isShown = (each: Instrument) => (isMerged ? !each.isDrum : each === chosen);
  const columns: Column[] = [
    { title: '#', align: 'right' },
    { title: 'Program' },
    { title: 'Track' },
    { title: 'Notes', align: 'right' },
    { title: 'Range' },
    { title: 'Sounds' },
    { title: '' },
  ];
  const rows = instruments
    .slice(0, MAX_LISTED)
    .map((instrument, index) => [
      String(index),
      instrument.isDrum
        ? `drums (${instrument.program})`
        : `${programName(instrument.program)} (${instrument.program})`,
      printable(instrument.name.slice(0, 40)),
      formatCount(instrument.notes.length),
      rangeOf(instrument),
      timesOf(instrument),
      isShown(instrument) && instruments.length > 1 ? '<- shown below' : '',
    ]);
  const more = instruments.length - rows.length;
  return formatTable(columns, rows, colors.dim) + (more > 0 ? `\nand ${counted(more, 'more instrument')}` : '');
}

function noteParts({ notes: count, colors }: FileView, chosen: Instrument): string[] {
  const table = noteTable(chosen.notes);
  const parts = count > 0 ? [indent(firstNotes(table, Math.min(count, table.length), colors))] : [];
  const pedal = pedalFigures(chosen);
  parts.push(indent(distributionTable(table, pedal?.sounding, colors)));
  return pedal ? [...parts, indent(pedalLine(pedal.figures))] : parts;
}

function firstNotes(table: NoteTable, count: number, colors: Colors): string {
  const right = { align: 'right' as const };
  const columns: Column[] = [
    { title: '#', ...right },
    { title: 'Note' },
    { title: 'Pitch', ...right },
    { title: 'Start', ...right },
    { title: 'Step', ...right },
    { title: 'Duration', ...right },
    { title: 'Velocity', ...right },
  ];
  const rows = Array.from({ length: count }, (_, i) => [
    String(i + 1),
    noteName(table.pitch[i]),
    String(table.pitch[i]),
    table.start[i].toFixed(3),
    table.step[i].toFixed(3),
    table.duration[i].toFixed(3),
    String(table.velocity[i]),
  ]);
  return formatTable(columns, rows, colors.dim);
}

function pedalLine({ times, share, median }: PedalFigures): string {
  return (
    `sustain pedal: down ${Math.round(100 * share)} % of the time, ${counted(times.length, 'press', 'presses')}; ` +
    `the median note sounds ${median.sounds.toFixed(3)} s, its key is down ${median.keys.toFixed(3)} s`
  );
}

/** @param sounding the notes with the pedal, where there is one */
function distributionTable(table: NoteTable, sounding: NoteTable | undefined, colors: Colors): string {
  const right = { align: 'right' as const };
  const columns: Column[] = [
    { title: 'Distribution' },
    ...['min', '5 %', 'median', 'mean', '95 %', 'max'].map((title) => ({ title, ...right })),
  ];
  const rows = [
    spreadRow('pitch', spreadOf(table.pitch), 1),
    spreadRow('step (s)', spreadOf(table.step), 3),
    spreadRow('duration (s)', spreadOf(table.duration), 3),
    ...(sounding ? [spreadRow('with pedal (s)', spreadOf(sounding.duration), 3)] : []),
    spreadRow('velocity', spreadOf(table.velocity), 1),
  ];
  return formatTable(columns, rows, colors.dim);
}

function spreadRow(name: string, spread: Spread | undefined, digits: number): string[] {
  if (!spread) return [name, ...Array.from({ length: 6 }, () => '-')];
  const { min, p5, median, mean, p95, max } = spread;
  return [name, ...[min, p5, median, mean, p95, max].map((value) => value.toFixed(digits))];
}

function problemList({ problems }: MidiFile, colors: Colors): string {
  return problems
    .map(({ code, message, severity }) => {
      const word = severity === 'damage' ? colors.red('damage') : colors.yellow('note');
      return `${word} ${code}: ${printable(message)}`;
    })
    .join('\n');
}

function rangeOf({ isDrum, notes }: Instrument): string {
  if (notes.length === 0) return '-';
  const [low, high] = notes.reduce(([a, b], { pitch }) => [Math.min(a, pitch), Math.max(b, pitch)], [127, 0]);
  // On a drum kit keys are sounds, not pitches.
  return isDrum ? `keys ${low} to ${high}` : `${noteName(low)} to ${noteName(high)}`;
}

function timesOf({ notes }: Instrument): string {
  if (notes.length === 0) return '-';
  const [from, to] = notes.reduce(([a, b], { start, end }) => [Math.min(a, start), Math.max(b, end)], [Infinity, 0]);
  return `${clock(from)} to ${clock(to)}`;
}

/** At most two decimals. */
function formatNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line ? `  ${line}` : line))
    .join('\n');
}
