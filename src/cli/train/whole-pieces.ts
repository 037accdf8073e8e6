import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { evenly } from '../../evenly.ts';
import { NotFiniteError } from '../../finite.ts';
import { OPENING } from '../../music/evaluation/generated-pieces.ts';
import {
  canRecall,
  evaluateWholePieces,
  fitMemoryFor,
  GENERATION_SAMPLING,
  generatePieces,
  musicModel,
  type MemoryParameters,
  type MusicModel,
  type WholePieces,
} from '../../music/index.ts';
import { createKernels, isGpuBackend, type Kernels } from '../../tensor/index.ts';
import type { Results } from '../../music/evaluation/results.ts';
import { readCheckpoint, writeCheckpoint } from '../run-folder.ts';
import { slowly } from '../slow-progress.ts';
import type { Terminal } from '../terminal.ts';
import { resumeCommand, type TrainedRun } from './run-training.ts';
import type { TrainingPlan } from './training-plan.ts';

/** A report is a look: so many pieces, so many notes of each. */
const REPORT_PIECES = 20;
const REPORT_NOTES = 500;
/** Of a large corpus so many pieces show what its music is like. */
const COMPARED_PIECES = 60;

/**
 * Fits the memory of a model that draws in an order on the validation pieces, and puts it into the files of the run, beside which each is written anew.
 * A memory that cannot be fitted is a warning: the defaults serve every model.
 * @throws InterruptedError at Ctrl-C, the files as they were; FileError
 */
export async function fitRunMemory({ plan, paths, data }: TrainedRun, terminal: Terminal): Promise<void> {
  if (!data.validation || !data.codec.spec.order) return;
  const memory = await fit({ plan, data }, terminal);
  if (!memory) return;
  for (const path of [paths.best, paths.last]) {
    if (!existsSync(path)) continue;
    const checkpoint = readCheckpoint(path);
    writeCheckpoint(path, { ...checkpoint, extra: { ...checkpoint.extra, memory } });
  }
}

async function fit(
  { plan, data }: Pick<TrainedRun, 'plan' | 'data'>,
  terminal: Terminal,
): Promise<MemoryParameters | undefined> {
  const model = musicModel(readCheckpoint(plan.out));
  const tables = data.validationPieces.map(({ table }) => table);
  try {
    const { parameters } = await slowly(stage('fitting the memory', plan, terminal), terminal, (turns) =>
      fitMemoryFor(model, tables, { kernels: kernelsOf(plan), states: true, ...turns }),
    );
    return parameters;
  } catch (thrown) {
    if (!(thrown instanceof UsageError || thrown instanceof NotFiniteError)) throw thrown;
    terminal.warn(`The memory cannot be fitted: ${thrown.message}`);
    return undefined;
  }
}

/** What the beginnings of some validation pieces say of the model, without its memory and with it. */
export async function readWholePieces(
  { plan, data }: TrainedRun,
  model: MusicModel,
  terminal: Terminal,
): Promise<WholePieces | undefined> {
  if (!data.validation || !canRecall(model.codec)) return undefined;
  const tables = evenly(data.validationPieces, REPORT_PIECES).map(({ table }) => table);
  return slowly(stage('reading whole pieces', plan, terminal), terminal, (turns) =>
    evaluateWholePieces(model, tables, { notes: REPORT_NOTES, kernels: kernelsOf(plan), ...turns }),
  );
}

/** Pieces that are drawn for the report, and notes of each, if the music has pieces that are longer than that. */
const DRAWN_PIECES = 12;
const DRAWN_NOTES = 200;
/** Shorter ones have no figures worth a comparison. */
const LEAST_NOTES = 50;

/** The figures of some pieces of the model beside those of the music that it knows; undefined where that is too short for figures. */
export async function drawPiecesToCompare(
  { plan, data }: TrainedRun,
  model: MusicModel,
  terminal: Terminal,
): Promise<Results['generated']> {
  const pieces = evenly([...data.trainPieces, ...data.validationPieces], COMPARED_PIECES);
  const longest = pieces.reduce((most, { table }) => Math.max(most, table.length), 0);
  const notesEach = Math.min(DRAWN_NOTES, longest - OPENING);
  // The opening that a model hears first is as long as its window, though marks let it learn from shorter pieces.
  const isShort = notesEach < LEAST_NOTES || longest < plan.settings.seqLength;
  if (plan.sampleNotes === null || isShort) return undefined;
  const tables = pieces.map(({ table }) => table);
  const { seed } = plan.settings;
  const asked = { count: DRAWN_PIECES, notes: notesEach, seed, ...GENERATION_SAMPLING, kernels: () => kernelsOf(plan) };
  const generated = await slowly(stage('drawing pieces to compare', plan, terminal), terminal, (turns) =>
    generatePieces(model, tables, { ...asked, ...turns }),
  );
  return { ...generated, notesEach, names: pieces.map(({ name }) => name) };
}

/** What remains of a run whose end was interrupted. */
export function whatIsLeft(plan: TrainingPlan): string {
  return `the model is saved. Its sample and report are made by: ${resumeCommand(plan)}`;
}

function stage(what: string, plan: TrainingPlan, terminal: Terminal) {
  return { what, signal: terminal.io.interrupts(), left: whatIsLeft(plan) };
}

/** The kernels of the run; a GPU does nothing note by note. */
function kernelsOf({ backend }: TrainingPlan): Kernels {
  return createKernels(isGpuBackend(backend) ? 'auto' : backend);
}
