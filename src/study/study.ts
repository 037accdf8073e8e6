import { UsageError } from '../errors.ts';
import { assertFinite, BROKEN_MODEL } from '../finite.ts';
import { DEFAULT_TIMING, type NoteTable } from '../midi/index.ts';
import { cellOf, foldEmbeddings, layerWidths, ProbedModel, quantitiesOf, type Recording, type Weights } from '../nn/index.ts'; // prettier-ignore
import { createKernels, type Kernels } from '../tensor/index.ts';
import { preparePiece } from '../music/prepare-table.ts';
import type { MusicModel } from '../music/music-model.ts';
import { alternativesOf } from './alternatives.ts';
import { studyAblation } from './ablation-study.ts';
import { describeModel, describeSong, inputsOf } from './describe.ts';
import { countedFromOne, detailCountedFromOne } from './counting.ts';
import { compareModels } from './comparison.ts';
import { correlateUnits, type CorrelationOptions } from './correlations.ts';
import { placeDetail, planDetail, type DetailPlan, type DetailRequest } from './detail.ts';
import { studyControl } from './control.ts';
import type { StudiedFacts } from './findings/finding.ts';
import { findingsOf } from './findings/findings.ts';
import { fromBeginning, recordNotes } from './from-beginning.ts';
import { gradientByLag, gradientBySteps, lagBelow } from './gradient.ts';
import { labelsOf, type Label } from './labels.ts';
import { findMatches, type SearchedPiece } from './matching.ts';
import { metreGrid, type MetreGrid } from './metre.ts';
import { studyHeads } from './predictions.ts';
import { roundedJson } from '../music/rounding.ts';
import { studySaliency } from './saliency.ts';
import { asSounding, secondsScale, tempoOf, type HeardNotes } from './sounding.ts';
import { memorySpans } from './spans.ts';
import { STUDY_FORMAT, STUDY_VERSION, type StudyAblationRow, type StudyData, type StudyDetail, type StudyHead, type StudyOmission, type StudyUnit } from './study-data.ts'; // prettier-ignore
import { studyLayers } from './study-layers.ts';
import { byIndex, checkRequest, takeNotes, type StudyRequest } from './study-request.ts';
import { unitFigures } from './unit-figures.ts';
import { verdictOf } from './verdict.ts';

/** How far gradients are followed back, and of how many predictions. */
const GRADIENT_LAGS = 64;
const GRADIENT_PREDICTIONS = 256;
/** Of this many units, the correlations that are not significant are too many to list. */
const MANY_UNITS = 256;
const FEW_CORRELATIONS = 2;

/**
 * Studies a model on a song: runs it over all notes with its state carried along, as generation does, and puts together
 * everything that docs/study.md describes.
 *
 * @throws StudyError when the song is too short for the model's window; NotFiniteError when the model's numbers overflow
 * @throws UsageError when units, a layer or notes do not exist, or the compared model is of another architecture
 */
export async function studySong(asked: StudyRequest): Promise<StudyData> {
  return (await openStudy(asked)).data;
}

/** Notes of a detail that is asked for: what is around a note, in about a second of a large model's work. */
const ASKED_NOTES = 256;

/** A study that can tell more than it has room for. */
export interface OpenStudy {
  data: StudyData;
  /**
   * The details of the notes around a note; counted from 1, as the study itself.
   * @throws UsageError when there is no such note
   */
  detailAround: (note: number) => StudyDetail;
}

/** As {@link studySong}, and keeps what it ran, for as long as somebody holds it. */
export async function openStudy(asked: StudyRequest): Promise<OpenStudy> {
  const request = understood(asked);
  const { model, song, onProgress } = request;
  const { table, leftOut } = takeNotes(request);
  const kernels = kernelsFor(request.backend);
  const weights = foldEmbeddings(model);
  const probed = new ProbedModel(weights.spec, weights.parameters, kernels);
  const heardNotes = { table, tempo: request.song.tempo[0][1] };
  const [sounding, scale] = [asSounding(heardNotes), secondsScale(heardNotes)];
  const look = await observe(request, model, heardNotes, probed, 'Running the song');
  const { recording, heads, units, test, metre } = look;

  const plan = planDetail(detailRequest(request, table.length));
  const { corpus } = request;
  const sequences = corpus
    ? corpus.pieces.map((piece) => fromBeginning(model, piece.table))
    : [fromBeginning(model, table)];
  const on = corpus?.name ?? 'the song';
  const onStep = (done: number, total: number): void => onProgress?.('Holding units still', done, total);
  const ablated = studyAblation(probed, { on, sequences, ofSong: !corpus, recording, onStep });
  noteCosts(units, ablated.ablation.units);

  onProgress?.('Following gradients', 0, 1);
  const gradient = studyGradient(weights, recording, plan, request.backend);
  const onHead = (done: number, total: number): void => onProgress?.('Asking what predictions rest on', done, total);
  const { saliency, of: saliencyOf } = studySaliency({
    ...weights,
    recording,
    detail: plan,
    lags: plan.lags,
    at: request.at ?? [],
    kernels: kernelsFor(request.backend),
    onHead,
  });
  const control = await controlOf(request, look, heardNotes, plan.lags);
  onProgress?.('Laying out', 0, 1);
  const { layers, of: layersOf } = await studyLayers(recording, units, plan, request.units, () =>
    kernelsFor(request.backend),
  );
  const matches = request.match && match(request, recording, sounding, probed);
  const comparison = request.compare && (await compare(request, look, heardNotes));
  const facts: StudiedFacts = {
    format: STUDY_FORMAT,
    version: STUDY_VERSION,
    verdict: roundedJson(verdictOf(model, heads, song.digest)),
    model: describeModel(request, kernels),
    song: describeSong(song, sounding, metre),
    detail: { from: plan.from, to: plan.to },
    heads,
    layers,
    units: roundedJson(units),
    correlationTest: test,
    gradient: roundedJson(gradient),
    saliency: { ...saliency, integrated: roundedJson(saliency.integrated) },
    alternatives: alternativesOf(recording.heads, model, plan, scale),
    ablation: roundedJson(ablated.ablation),
    control: roundedJson(control, 4),
    ...(matches && { matches: roundedJson(matches) }),
    ...(comparison && { comparison: roundedJson(comparison) }),
    leftOut: [...leftOut, ...look.leftOut, ...plan.leftOut, ...ablated.leftOut],
  };
  onProgress?.('Laying out', 1, 1);
  const { findings, leftOut: alike } = findingsOf(facts);
  facts.leftOut.push(...alike);
  shortenCorrelations(facts.units, facts.leftOut);
  const data = countedFromOne({ ...facts, findings: roundedJson(findings, 3) });
  assertFinite(data, 'The study', BROKEN_MODEL);
  const detailAround = (note: number): StudyDetail => {
    assertNote(note, table.length);
    const detail = placeDetail({ notes: table.length, at: note - 1 }, Math.min(plan.to - plan.from, ASKED_NOTES));
    const byStep = gradientBySteps(weights, recording, detail, kernelsFor(request.backend));
    return detailCountedFromOne({
      detail,
      layers: layersOf(detail),
      byStep: roundedJson(byStep),
      saliency: saliencyOf(detail),
      alternatives: alternativesOf(recording.heads, model, detail, scale),
    });
  };
  return { data, detailAround };
}

function assertNote(note: number, notes: number): void {
  if (Number.isInteger(note) && note >= 1 && note <= notes) return;
  throw new UsageError(`note: the song has notes 1 to ${notes}, got ${note}.`);
}

/** Tells each unit that was held still what it costs, and its place among all. */
function noteCosts(units: readonly StudyUnit[], rows: readonly StudyAblationRow[]): void {
  rows.forEach(({ layer, unit, loss }, k) => {
    Object.assign(
      units.find((each) => each.layer === layer && each.unit === unit)!,
      { cost: loss, rank: k + 1 },
    );
  });
}

/** What is to be told one by one, and what the model has of it. */
function detailRequest({ model: { spec }, at, match, from, units, layer }: StudyRequest, notes: number): DetailRequest {
  return {
    notes,
    widths: layerWidths(spec),
    quantities: quantitiesOf(cellOf(spec)).length,
    heads: spec.heads.length,
    inputs: spec.inputs.categories.length + spec.inputs.features.length,
    at: at?.[0] ?? match?.from,
    from,
    units,
    layer,
  };
}

type CorpusPiece = NonNullable<StudyRequest['corpus']>['pieces'][number];

/** The request with its notes as the model hears them, and its numbers as indices. */
function understood(asked: StudyRequest): StudyRequest {
  const request = heard(asked);
  checkRequest(request);
  return byIndex(request);
}

/** The request with its notes as the model hears them; where they are in beats, each piece has one tempo from its first note on. */
function heard(request: StudyRequest): StudyRequest {
  const { model, song, corpus } = request;
  const { settings } = model;
  const { tempo, meter = [] } = song;
  const played = { ...song, timing: { tempo: tempo.length > 0 ? tempo : DEFAULT_TIMING.tempo, meter } };
  const prepared = preparePiece(played, settings);
  const prepare = (piece: CorpusPiece): CorpusPiece => {
    const { meter: bars = [] } = piece.timing ?? {};
    return { ...preparePiece(piece, settings), timing: { tempo: [[0, tempoOf(piece)]], meter: bars } };
  };
  return {
    ...request,
    song: { ...prepared, tempo: prepared.table.bars ? [[0, tempoOf(played)]] : played.timing.tempo },
    ...(corpus && { corpus: { ...corpus, pieces: corpus.pieces.map(prepare) } }),
  };
}

/** What one model does on the song. */
interface Look {
  recording: Recording;
  heads: StudyHead[];
  units: StudyUnit[];
  test: StudyData['correlationTest'];
  metre: MetreGrid;
  labels: Label[];
  leftOut: StudyOmission[];
}

async function observe(
  { song, seed = 42, backend, onProgress }: StudyRequest,
  model: MusicModel,
  notes: HeardNotes,
  probed: ProbedModel,
  stage: string,
): Promise<Look> {
  onProgress?.(stage, 0, 1);
  const table = asSounding(notes);
  const recording = recordNotes(probed, model, notes.table);
  const heads = Object.fromEntries(recording.heads.map(({ name, out }) => [name, out]));
  assertFinite(heads, 'What the model says in this song', BROKEN_MODEL);
  onProgress?.(stage, 1, 1);
  await Promise.resolve();
  const metre = metreGrid(table, song.tempo);
  const labels = labelsOf(table, metre, inputsOf(model));
  const onLabel = (done: number): void => onProgress?.('Correlating', done, labels.length);
  onLabel(0);
  const { test, units, leftOut } = describeUnits(recording, labels, table, {
    seed,
    kernels: kernelsFor(backend),
    onLabel,
  });
  const studied = roundedJson(studyHeads(recording.heads, model.codec.encode(notes.table), model, secondsScale(notes)));
  return { recording, heads: studied, units, test, metre, labels, leftOut };
}

function describeUnits(
  { layers }: Recording,
  labels: readonly Label[],
  table: NoteTable,
  options: CorrelationOptions,
): Pick<Look, 'test' | 'units' | 'leftOut'> {
  const correlations = correlateUnits(layers, labels, options);
  const units = layers.flatMap((layer, index) => {
    const spans = memorySpans(layer, table.start);
    return unitFigures(layer).map((figures, unit): StudyUnit => ({
      layer: index,
      unit,
      span: spans?.[unit] ?? null,
      ...figures,
      correlations: correlations.units[index][unit],
      cost: null,
      rank: null,
    }));
  });
  const { notes } = correlations.test;
  const leftOut: StudyOmission[] = [];
  if (notes < table.length) {
    leftOut.push({
      what: `correlations of ${table.length - notes} of ${table.length} notes`,
      why: `testing ${correlations.test.comparisons} comparisons against chance costs too much on all; they rest on ${notes} in stretches spread over the song, those with the position on all`,
    });
  }
  return { test: correlations.test, units, leftOut };
}

/** What findings are held against; on kernels of their own, so that their arenas go with them. */
function controlOf(
  { model, backend, onProgress }: StudyRequest,
  { labels }: Look,
  heardNotes: HeardNotes,
  lags: number,
): Promise<StudyData['control']> {
  return studyControl({
    model,
    table: heardNotes.table,
    start: asSounding(heardNotes).start,
    labels,
    lags,
    kernels: () => kernelsFor(backend),
    onStep: (done, total) => onProgress?.('Asking untrained networks', done, total),
  });
}

/** Gradients by lag and by step, on kernels of their own, so that their arena goes with them. */
function studyGradient(
  { spec, parameters }: Weights,
  recording: Recording,
  { from, to }: DetailPlan,
  backend: StudyRequest['backend'],
): StudyData['gradient'] {
  const probed = new ProbedModel(spec, parameters, kernelsFor(backend));
  const byLag = gradientByLag(probed, recording, { lags: GRADIENT_LAGS, predictions: GRADIENT_PREDICTIONS });
  return {
    byLag,
    byStep: gradientBySteps({ spec, parameters }, recording, { from, to }, kernelsFor(backend)),
    halfLag: byLag.dh.map((norms) => lagBelow(norms, 0.5)),
    hundredthLag: byLag.dh.map((norms) => lagBelow(norms, 0.01)),
  };
}

function match(
  request: StudyRequest,
  recording: Recording,
  table: NoteTable,
  probed: ProbedModel,
): StudyData['matches'] {
  const { song, model, corpus, layer = model.spec.lstm.layers - 1, units, onProgress } = request;
  const { size } = recording.layers[layer];
  const searched = (name: string, notes: NoteTable, { layers }: Recording): SearchedPiece => {
    return { name, h: layers[layer].h, start: notes.start, pitch: notes.pitch };
  };
  const others = (corpus?.pieces ?? []).filter((piece) => !sameNotes(piece.table, song.table));
  const pieces = others.map(({ name, table: notes, timing }, k, { length }) => {
    onProgress?.('Searching for matches', k, length);
    const recorded = recordNotes(probed, model, notes);
    return searched(name, asSounding({ table: notes, tempo: tempoOf({ table: notes, timing }) }), recorded);
  });
  const listed = typeof units === 'object' ? units : undefined;
  return findMatches(searched(song.name, table, recording), pieces, { ...request.match!, layer, size, units: listed });
}

/** Whether a piece of the corpus is the song itself. */
function sameNotes(a: NoteTable, b: NoteTable): boolean {
  return (
    a.length === b.length && a.pitch.every((key, note) => key === b.pitch[note] && a.start[note] === b.start[note])
  );
}

async function compare(request: StudyRequest, look: Look, notes: HeardNotes): Promise<StudyData['comparison']> {
  const { path, model } = request.compare!;
  const probed = new ProbedModel(model.spec, model.parameters, kernelsFor(request.backend));
  const other = await observe(request, model, notes, probed, 'Running the other model');
  const side = (of: { path: string; model: MusicModel }, { units, heads }: Look) => ({
    path: of.path,
    step: of.model.step,
    spec: of.model.spec,
    parameters: of.model.parameters,
    units,
    heads,
  });
  return compareModels(side(request, look), side({ path, model }, other));
}

/** Of many units lists only what is worth it. */
function shortenCorrelations(units: StudyUnit[], leftOut: StudyOmission[]): void {
  if (units.length <= MANY_UNITS) return;
  for (const unit of units) {
    unit.correlations = unit.correlations.filter(({ significant }, k) => significant || k < FEW_CORRELATIONS);
  }
  leftOut.push({
    what: `correlations that are not significant, but for the first ${FEW_CORRELATIONS} of each unit`,
    why: units.length === 1 ? 'there is 1 unit' : `there are ${units.length} units`,
  });
}

/** A study takes seconds: long enough for any build of the kernels. */
function kernelsFor(backend: StudyRequest['backend']): Kernels {
  return createKernels(backend, { lasting: true });
}
