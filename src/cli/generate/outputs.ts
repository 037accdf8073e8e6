import { extname, resolve } from 'node:path';
import { EtudeError, UsageError } from '../../errors.ts';
import type { Note } from '../../midi/index.ts';
import { pianoRoll } from '../../plot/index.ts';
import type { PlayedFile } from '../audio-file.ts';
import type { generate as words } from '../model-commands-table.ts';
import type { OptionValues } from '../options.ts';
import { checkOutput, outputName, STDOUT, writeOutput } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Options = OptionValues<(typeof words)['options']>;

/** Where a piece goes. */
export interface Outputs {
  out: string;
  wav?: string;
  svg?: string;
}

/** As on a CD. */
const SAMPLE_RATE = 44_100;

/**
 * Where each piece goes: the one to `--out`, or of `--samples` each to a name with its number, `new-01.mid` of ten.
 * Refuses outputs that cannot be written, or would write over each other, before anything is done.
 */
export function checkOutputs({ out, wav, svg, samples, force }: Options, terminal: Terminal): Outputs[] {
  if (out === undefined)
    throw new UsageError('generate: name the MIDI file to write with --out, for instance --out new.mid.');
  const pieces = samples === undefined ? [{ out, wav, svg }] : numbered({ out, wav, svg }, samples);
  for (const { out, wav, svg } of pieces) {
    const outputs = [out, wav, svg].filter((path) => path !== undefined);
    if (new Set(outputs.map((path) => resolve(path))).size < outputs.length) {
      throw new UsageError('generate: --out, --wav and --svg must be different files.');
    }
    for (const path of outputs) checkOutput(path, { force, binary: path !== svg }, terminal);
  }
  return pieces;
}

function numbered(outputs: Outputs, samples: number): Outputs[] {
  if (Object.values(outputs).includes(STDOUT)) {
    throw new UsageError('generate: --samples writes a file for each piece, and stdout is one. Name a file.');
  }
  const digits = String(samples).length;
  return Array.from({ length: samples }, (_, k) => {
    const number = String(k + 1).padStart(digits, '0');
    const name = (path: string): string =>
      `${path.slice(0, path.length - extname(path).length)}-${number}${extname(path)}`;
    const entries = Object.entries(outputs).filter(([, path]) => path !== undefined);
    return Object.fromEntries(entries.map(([key, path]) => [key, name(path as string)])) as unknown as Outputs;
  });
}

interface Piece {
  midi: Uint8Array;
  notes: readonly Note[];
}

/** Writes all that was asked for of a piece. An error says what had been written before it: that stays. */
export async function writePiece(
  { midi, notes }: Piece,
  { out, wav, svg }: Outputs,
  { force, soundfont }: Options,
  terminal: Terminal,
): Promise<{ written: string[]; played?: PlayedFile }> {
  const written: string[] = [];
  let played: PlayedFile | undefined;
  const put = (path: string, content: Uint8Array | string): number => {
    const bytes = writeOutput(path, content, { force }, terminal);
    written.push(path);
    return bytes;
  };
  try {
    put(out, midi);
    if (svg !== undefined) put(svg, pianoRoll({ title: outputName(out), notes }));
    if (wav !== undefined) {
      const { playIntoFile } = await import('../audio-file.ts');
      played = await playIntoFile(midi, { sampleRate: SAMPLE_RATE, soundfont }, (sound) => put(wav, sound));
    }
  } catch (thrown) {
    if (thrown instanceof EtudeError && written.length > 0) terminal.say(`Written before the error: ${written.map(outputName).join(', ')}`); // prettier-ignore
    throw thrown;
  }
  return { written, played };
}
