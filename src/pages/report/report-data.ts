import type { Note } from '../../midi/index.ts';
import type { MusicAnalysis } from '../../music/index.ts';
import type { Evaluation, HeadEvaluation, WholePieces } from '../../music/index.ts';
import type { EpochRecord } from '../../nn/index.ts';
import type { Results } from '../../music/evaluation/results.ts';

/** Everything that the page of a run shows. */
export interface ReportData {
  title: string;
  /** Paragraphs: whether it beats the baseline, whether it overfitted, how it ended, how good it is. */
  verdict: readonly string[];
  /** What ran, with what, for how long, in the order to be shown. */
  facts: readonly Fact[];
  history: readonly EpochRecord[];
  /** The epoch whose weights were kept, from 1; null when no epoch was finished. */
  bestEpoch: number | null;
  /** How well the kept weights predict; one line a head. */
  heads: readonly HeadEvaluation[];
  /** The same of whole notes; null where a head has no nats. */
  note: Evaluation['note'];
  /** How well they predict the beginnings of whole pieces; undefined where that was not asked. */
  whole?: WholePieces;
  /** Some pieces drawn from the model, beside people's; undefined where they were not counted. */
  generated?: Results['generated'];
  /** Music drawn from the model; undefined when there is none. */
  sample?: SampleData;
  /** The music that it learned from. */
  data: MusicData;
  /** All settings, with the value of the preset where that was overridden. */
  settings: readonly SettingRow[];
}

export interface Fact {
  label: string;
  value: string;
}

/** The columns of some notes, for the distributions. */
export interface MusicData {
  /** For the legends: `the training data`. */
  name: string;
  pitch: readonly number[];
  /** Seconds. */
  step: readonly number[];
  /** Seconds. */
  duration: readonly number[];
  /** Of the sample: its own; of the data: the mean over stretches as long as the sample. */
  analysis: MusicAnalysis;
}

export interface SampleData extends MusicData {
  notes: readonly Note[];
  /** Files that lie beside the page, as relative addresses. */
  midi?: string;
  audio?: string;
  /** How it was drawn: `120 notes, temperature 1, seed 42, after the first 25 of Minuet in G`. */
  caption: string;
}

export interface SettingRow {
  key: string;
  value: string;
  /** What the preset says; undefined where that is the value. */
  preset?: string;
}
