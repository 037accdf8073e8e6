import type { NoteTable } from '../midi/index.ts';
import { cellOf, layerWidths, parameterCount, parameterSpecs } from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';
import { roundedSeconds } from '../music/rounding.ts';
import { sha256 } from '../sha256.ts';
import type { Kernels } from '../tensor/index.ts';
import type { MetreGrid } from './metre.ts';
import type { StudyData } from './study-data.ts';
import type { StudiedSong, StudyRequest } from './study-request.ts';

/** What was studied with, and by which kernels. */
export function describeModel({ model, path }: StudyRequest, kernels: Kernels): StudyData['model'] {
  const { spec, preset, settings, step, engineName, parameters } = model;
  return {
    path,
    preset,
    cell: cellOf(spec),
    layers: spec.lstm.layers,
    widths: layerWidths(spec),
    parameters: parameterCount(spec),
    inputs: inputsOf(model),
    heads: spec.heads.map((head) => ({
      name: head.name,
      kind: head.kind === 'categorical' ? head.kind : 'scalar',
      size: head.kind === 'categorical' ? head.size : 1,
      lossWeight: head.lossWeight,
    })),
    settings,
    step,
    trainedBy: engineName,
    engine: kernels.name,
    digest: sha256(...parameterSpecs(spec).map(({ name }) => parameters[name])),
  };
}

/** What it reads of each note: categories first, then features. */
export function inputsOf({ spec: { inputs } }: MusicModel): string[] {
  return [...inputs.categories.map(({ name }) => name), ...inputs.features];
}

/** The notes in columns, in a listener's seconds, with their places on a grid. */
export function describeSong({ name, instrument }: StudiedSong, table: NoteTable, metre: MetreGrid): StudyData['song'] {
  const { length, pitch, start, step, duration, velocity } = table;
  const { beats, beatSeconds, cells, cell } = metre;
  return {
    name,
    instrument,
    notes: length,
    seconds: roundedSeconds([start.reduce((end, at, note) => Math.max(end, at + duration[note]), 0)])[0],
    pitch: Array.from(pitch),
    start: roundedSeconds(start),
    step: roundedSeconds(step),
    duration: roundedSeconds(duration),
    velocity: Array.from(velocity),
    metre: { beats, beatSeconds, cells, cell: Array.from(cell) },
  };
}
