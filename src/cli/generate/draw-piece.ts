import {
  generateNotes,
  usualLength,
  type GeneratedMusic,
  type GenerateOptions,
  type MusicModel,
} from '../../music/index.ts';
import { createKernels } from '../../tensor/index.ts';
import type { generate as words } from '../model-commands-table.ts';
import type { OptionValues } from '../options.ts';
import type { Primer } from './primer.ts';

type Options = OptionValues<(typeof words)['options']>;

/** How pieces are drawn, but for their seeds: plain data, which threads can be sent. */
export interface DrawingRequest {
  options: Omit<GenerateOptions, 'seed' | 'kernels' | 'onNote'>;
  backend: string;
  /** Whether a piece is so long that it pays to start the wide kernels. */
  lasting: boolean;
}

/** What a piece may have that ends by itself, for the progress. */
const USUAL_PIECE = 500;
/** From so many on it pays to start the wide kernels. */
const MANY_NOTES = 10_000;
/** About as piano music has them. */
const NOTES_A_SECOND = 8;

/** How many notes a piece is to have; undefined where its seconds end it. */
export function notesFor(
  model: MusicModel,
  { notes, seconds }: Pick<Options, 'notes' | 'seconds'>,
): number | 'auto' | undefined {
  if (notes !== undefined || seconds !== undefined) return notes;
  return usualLength(model);
}

/** What the options of the command say about drawing. */
export function drawingRequest(model: MusicModel, options: Options, primer: Primer): DrawingRequest {
  const { seconds, tempo, meter, temperature, timeTemperature, topK, topP, compat, backend } = options;
  const { stepTemperature: step, durationTemperature: duration, recall, recallBudget: budget } = options;
  const notes = notesFor(model, options);
  return {
    options: {
      notes,
      seconds,
      tempo,
      meter,
      temperature,
      timeTemperature,
      temperatures: { step, duration },
      recall: { ...(recall !== undefined && { recall }), ...(budget !== undefined && { budget }) },
      topK,
      topP,
      primer: primer.notes,
      compat: compat?.tutorial ? 'tutorial' : undefined,
    },
    backend,
    lasting: (countOf(notes) ?? NOTES_A_SECOND * seconds!) >= MANY_NOTES,
  };
}

function countOf(notes: number | 'auto' | undefined): number | undefined {
  return notes === 'auto' ? USUAL_PIECE : notes;
}

/** How long a piece is to be, in the unit in which it is told how far it is. */
export function lengthOf({ options: { notes, seconds } }: DrawingRequest): { total: number; unit: string } {
  return seconds === undefined
    ? { total: countOf(notes)!, unit: 'note' }
    : { total: Math.ceil(seconds), unit: 'second' };
}

/**
 * Draws a piece: the same bytes for the same model, request and seed, on whichever thread.
 * @param onProgress told how far it is, of `lengthOf`
 */
export function drawPiece(
  model: MusicModel,
  { options, backend, lasting }: DrawingRequest,
  seed: number,
  onProgress: (done: number) => void,
): GeneratedMusic {
  return generateNotes(model, {
    ...options,
    seed,
    kernels: createKernels(backend, { lasting }),
    onNote: (done, _, { note }) => {
      onProgress(options.seconds === undefined ? done : Math.floor(note.start));
    },
  });
}
