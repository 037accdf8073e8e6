import { basename, extname, join } from 'node:path';
import { noteTable, type Note, type Pedal } from '../../midi/index.ts';
import { pianoRoll } from '../../plot/index.ts';
import { pitchHistogram, secondsHistogram } from '../../pages/report/histograms.ts';
import { checkOutputFile, writeFileAtomic, type OutputOptions } from '../files.ts';

const KINDS = ['piano-roll', 'pitch', 'step', 'duration'] as const;

/** The names under which the pictures of files are written: those of the files, told apart where they are the same. */
export function plotNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${stem}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/**
 * Whether all pictures can be written; asked before the first one is.
 * @throws FileError
 */
export function checkPlotFiles(folder: string, names: readonly string[], options: OutputOptions): void {
  for (const name of names) for (const kind of KINDS) checkOutputFile(plotPath(folder, name, kind), options);
}

/**
 * Draws some notes as four SVG files: a piano roll, with the pedal below it, and the histograms of pitch, step and duration.
 * @returns the paths
 */
export function writePlots(
  folder: string,
  name: string,
  { title, notes, pedal = new Float64Array(0) }: { title: string; notes: readonly Note[]; pedal?: Pedal },
  options: OutputOptions,
): string[] {
  const { pitch, step, duration } = noteTable(notes);
  const pictures: Record<(typeof KINDS)[number], string> = {
    'piano-roll': pianoRoll({ title, notes, pedal }),
    pitch: pitchHistogram(`${title}: pitches`, [{ name: title, values: [...pitch] }]),
    step: secondsHistogram(`${title}: steps`, 'step (s)', [{ name: title, values: [...step] }]),
    duration: secondsHistogram(`${title}: durations`, 'duration (s)', [{ name: title, values: [...duration] }]),
  };
  return KINDS.map((kind) => {
    const path = plotPath(folder, name, kind);
    writeFileAtomic(path, pictures[kind], options);
    return path;
  });
}

function plotPath(folder: string, name: string, kind: (typeof KINDS)[number]): string {
  return join(folder, `${name}-${kind}.svg`);
}
