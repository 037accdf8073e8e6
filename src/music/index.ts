/**
 * Where network and music meet: presets, preparing a corpus, training runs, generation and evaluation. Knows no screen and
 * writes no files.
 *
 * @module
 */
export {
  checkSetting,
  checkTogether,
  describeSetting,
  scheduleFalls,
  windowsOfStep,
  overriding,
  parseSettings,
  parseSettingText,
  SETTINGS,
  type SettingInfo,
  type SettingKey,
  type Settings,
} from './settings.ts';
export { AUTO, openSettings, settleChoice, type SettledChoice } from './auto.ts';
export { choosePreset, type PresetChoice } from './choose-preset.ts';
export { PRESETS, resolveSettings, type PresetName } from './presets.ts';
export { changesOfPreset, settingText, settingWords } from './setting-words.ts';
export { codingsOf } from './codings.ts';
export {
  evaluateWholePieces,
  fitMemoryFor,
  type FitMemoryOptions,
  type WholeHead,
  type WholePieces,
  type WholePiecesOptions,
} from './evaluation/whole-pieces.ts';
export {
  generatePieces,
  type GeneratedPiece,
  type GeneratedPieces,
  type GeneratedPiecesOptions,
  type HumanClip,
} from './evaluation/generated-pieces.ts';
export { candidatesFor, evaluateOnGrid, type GridLikelihood, type GridOptions } from './evaluation/grid-likelihood.ts';
export { GRID_SECONDS, gridNats, noteNats, type NoteNats, type PredictedNotes } from './evaluation/common-grid.ts';
export { baselineOf, countFrequencies, type Frequencies, type HeadFrequencies } from './evaluation/frequencies.ts';
export { canRecall, createMemory, defaultRecall } from './drawing/recall.ts';
export { defaultBudget } from './drawing/repetition.ts';
export { GENERATION_SAMPLING } from './drawing/default-sampling.ts';
export type { DrawingOptions } from './drawing/note-drawer.ts';
export { modelSpecFor, optimizerFor, scheduleFor, type OptimizerSettings } from './model-spec.ts';
export { preparePiece, prepareTable, tableOfEvents, type Hearing } from './prepare-table.ts';
export {
  leastNotes,
  noteEvents,
  prepareData,
  prepareDataInTurns,
  windowsOf,
  type MusicDataset,
  type PreparedData,
  type PrepareOptions,
} from './prepare.ts';
export { trainedOnCopies, variationOf, type Variation } from './vary.ts';
export { musicModel, type MusicExtra, type MusicModel } from './music-model.ts';
export { fineTuningSettings, originOf } from './fine-tune.ts';
export type { ModelOrigin } from './model-origin.ts';
export { createTrainingRun, type RunStart, type TrainingRun } from './train.ts';
export {
  analyseGenerated,
  asPlayed,
  generateNotes,
  usualLength,
  type DrawnNote,
  type GeneratedMusic,
  type GenerateOptions,
} from './generate.ts';
export { primerFromText, usualPrimer, type TextPrimerOptions } from './primer.ts';
export { layOut, NoteLayout, type LaidNote, type LayoutOptions } from './lay-out.ts';
export { instrumentOf, midiOf, scaleOf, type OutputInstrument, type WrittenBeats, type WrittenTime } from './output.ts';
export { beatsIn, howTimeIsCounted, type TimeCount } from './counting-time.ts';
export { evaluateModel, type Evaluation, type HeadEvaluation } from './evaluate.ts';
export { scalarBaseline, unigramBaseline } from './baseline.ts';
export { analyseNotes, meanAnalysis, REPETITION_NOTES, type MusicAnalysis } from './analysis.ts';
export * from './figures/index.ts';
export * from './memory/index.ts';
