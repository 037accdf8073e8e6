import { sliceTable, type NoteTable } from '../midi/index.ts';
import {
  initialiseInTurns,
  layerWidths,
  parameterCount,
  ParameterSet,
  ProbedModel,
  type ModelSpec,
  type NamedArrays,
} from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { HeapArena, Random, type Kernels } from '../tensor/index.ts';
import { controlFigures, type ControlRequest } from './control-figures.ts';
import { studyOrder } from './control-shuffle.ts';
import { recordNotes } from './from-beginning.ts';
import type { Label } from './labels.ts';
import type { StudyControl } from './study-data.ts';

/** Untrained networks: as many as have so many units together. Of few units the figures differ much from seed to seed. */
const UNITS = 400;
const FEWEST_NETWORKS = 2;
const MOST_NETWORKS = 12;
/** Multiply-adds of one run over the notes of the control; fewer notes of large models. */
const WORK = 1.6e8;
const LEAST_NOTES = 256;
const MOST_NOTES = 600;

/** What a control is made for. */
export interface ControlledStudy {
  model: MusicModel;
  /** As the model hears it. */
  table: NoteTable;
  /** Seconds at which each note begins for a listener. */
  start: ArrayLike<number>;
  labels: readonly Label[];
  /** Past notes of saliency. */
  lags: number;
  /** Makes kernels with an arena of their own. */
  kernels: () => Kernels;
  onStep?: (done: number, total: number) => void;
}

/**
 * Measures what findings are held against: the studied network, untrained ones of its shape, and the song in random order, all on
 * the same notes from the beginning of the song.
 */
export async function studyControl(study: ControlledStudy): Promise<StudyControl> {
  const { model, labels, start, lags, kernels, onStep } = study;
  const { spec, settings } = model;
  const affordable = Math.floor(WORK / parameterCount(spec));
  const notes = Math.min(study.table.length, MOST_NOTES, Math.max(LEAST_NOTES, affordable));
  const table = sliceTable(study.table, 0, notes);
  const request = { model, table, start, labels, lags };
  const probe = (parameters: NamedArrays): ControlRequest => {
    const probed = new ProbedModel(spec, parameters, kernels());
    return { ...request, probed, recording: recordNotes(probed, model, table) };
  };
  const units = layerWidths(spec).reduce((sum, width) => sum + width);
  const networks = Math.min(MOST_NETWORKS, Math.max(FEWEST_NETWORKS, Math.round(UNITS / units)));
  const seeds = Array.from({ length: networks }, (_, k) => settings.seed + k);
  onStep?.(0, networks + 1);
  const own = probe(model.parameters);
  const order = studyOrder(own.probed, model, table, own.recording, settings.seed);
  const trained = controlFigures(own);
  const untrained: StudyControl['untrained'] = [];
  for (const [k, seed] of seeds.entries()) {
    onStep?.(k + 1, networks + 1);
    untrained.push(controlFigures(probe(await untrainedLike(spec, seed))));
  }
  return { notes, seeds, trained, untrained, order };
}

/** The weights that training begins with from a seed. */
async function untrainedLike(spec: ModelSpec, seed: number): Promise<NamedArrays> {
  const parameters = new ParameterSet(new HeapArena(), spec);
  await initialiseInTurns(parameters, Random.stream(seed, 'init'));
  return parameters.toArrays();
}
