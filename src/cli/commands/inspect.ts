import { setImmediate } from 'node:timers/promises';
import { DataError, messageOf } from '../../errors.ts';
import { findFiles } from '../../midi/corpus/find-files.ts';
import { chooseInstrument, InstrumentNotFoundError, type InstrumentChoice } from '../../midi/instruments.ts';
import { readMidiFile } from '../../midi/read/read-midi-file.ts';
import type { Instrument, MidiFile } from '../../midi/index.ts';
import type { ActionOf, Call } from '../command.ts';
import type { inspect as words } from '../command-table.ts';
import { EXIT } from '../exit-codes.ts';
import { describeFile } from '../inspect/describe-file.ts';
import { pedalFigures } from '../inspect/pedal-figures.ts';
import { checkPlotFiles, plotNames, writePlots } from '../inspect/plot-files.ts';
import { warnOfLeftOut } from '../left-out.ts';
import { readingOf } from '../reading-options.ts';
import type { Terminal } from '../terminal.ts';

type InspectCall = Call<(typeof words)['options']>;

/** `etude inspect`: what Etude reads from MIDI files. Files that cannot be read do not keep the others from being shown. */
export const inspect: ActionOf<typeof words> = async ({ args, options, terminal }) => {
  const { paths, failures } = listFiles(args, options.listLeftOut, terminal);
  const names = plotNames(paths);
  if (options.out !== undefined) checkPlotFiles(options.out, names, options);
  let failed = failures;
  for (const [index, path] of paths.entries()) {
    // So that a closed pipe or Ctrl-C ends a long list.
    await setImmediate();
    if (!showFile(path, names[index], options, terminal)) failed++;
  }
  return failed > 0 ? EXIT.failure : EXIT.ok;
};

/** The files behind each source, none twice; sources that hold none are reported. */
function listFiles(
  sources: readonly string[],
  listLeftOut: boolean,
  terminal: Terminal,
): { paths: string[]; failures: number } {
  const paths = new Set<string>();
  let failures = 0;
  for (const source of sources) {
    try {
      const { files, missing, skipped } = findFiles([source]);
      for (const { path } of files) paths.add(path);
      warnOfLeftOut(terminal, { missing, skipped }, listLeftOut);
    } catch (thrown) {
      if (!(thrown instanceof DataError)) throw thrown;
      reportFailure(source, thrown, terminal);
      failures++;
    }
  }
  return { paths: [...paths], failures };
}

/** @returns whether the file could be read */
function showFile(path: string, plotName: string, options: InspectCall['options'], terminal: Terminal): boolean {
  let file: MidiFile;
  let chosen: Instrument | undefined;
  try {
    file = readMidiFile(path, readingOf(options));
    chosen = choose(path, file, options.instrument, terminal);
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    reportFailure(path, thrown, terminal);
    return false;
  }
  if (terminal.json) terminal.printJson(jsonOf(path, file));
  else {
    const { colors } = terminal;
    terminal.print(`${describeFile({ path, file, chosen, notes: options.notes, colors })}\n`);
  }
  if (options.out !== undefined && chosen) {
    const written = writePlots(
      options.out,
      plotName,
      { title: plotName, notes: chosen.notes, pedal: chosen.pedal },
      options,
    );
    for (const picture of written) terminal.say(`wrote ${picture}`);
  }
  return true;
}

/** Of many files some will not have the instrument; they are shown without their notes. */
function choose(path: string, file: MidiFile, choice: InstrumentChoice | undefined, terminal: Terminal) {
  if (file.instruments.length === 0) return undefined;
  try {
    return chooseInstrument(file, choice);
  } catch (thrown) {
    if (!(thrown instanceof InstrumentNotFoundError)) throw thrown;
    terminal.warn(`${path}: ${thrown.message}`);
    return undefined;
  }
}

function reportFailure(path: string, thrown: DataError, terminal: Terminal): void {
  const hint = path.endsWith('.safetensors') ? ' "etude summary" shows what is in a model.' : '';
  const code = (thrown as { code?: unknown }).code;
  if (terminal.json) terminal.printJson({ path, error: { code: code ?? 'unreadable', message: messageOf(thrown) } });
  terminal.error(`${thrown.message}${hint}`);
}

/** The object of a file, as the help describes it. */
function jsonOf(path: string, { format, resolution, endTime, instruments, tempo, meter, problems }: MidiFile) {
  return {
    path,
    format,
    resolution,
    endTime,
    instruments: instruments.map((instrument) => {
      const { program, isDrum, name, notes } = instrument;
      const pedal = pedalFigures(instrument)?.figures;
      return {
        program,
        isDrum,
        name,
        notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
        ...(pedal && { pedal }),
      };
    }),
    tempo,
    meter,
    problems,
  };
}
