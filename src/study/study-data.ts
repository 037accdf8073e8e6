/**
 * What `etude study` finds out about a model and a song: the object that `--json` prints and that the page carries inside.
 * docs/study.md explains it with an example. Everything is plain JSON: no NaN, no infinity (null stands for "none"), and
 * large tables as {@link ByteMatrix}.
 *
 * Everything is counted from 1, as people count: notes, units, layers; and of a range (`from`, `to`) the last is included. In lists
 * that have an entry for every note, unit or layer, entry 0 is that of number 1.
 *
 * - A **note** is a row of the song. A **time step** of the network has the number of the note that it read; the state of
 *   time step t is the state after note t, and what it predicts is note t + 1. So the surprise of note n comes from time step n - 1,
 *   and that of note 1, which nothing predicts, is null.
 * - Statistics (units, correlations, spans, losses, ablation) are of the whole song. What takes room (heat maps, saliency,
 *   path, gradients by time step) is of the notes `detail.from` to `detail.to`, and its columns or rows begin
 *   there: column 0 is note `detail.from`. `leftOut` says what is missing and why.
 */
import type { CellKind, Gate, Quantity } from '../nn/cells/kinds.ts';
import type { Settings } from '../music/settings.ts';
import type { ByteMatrix } from './byte-matrix.ts';

export type { Quantity };
export type { ByteMatrix } from './byte-matrix.ts';

/** The value of {@link StudyData.format}. */
export const STUDY_FORMAT = 'etude-study';
/** Rises when a reader of the version before would go wrong; new fields alone do not raise it. */
export const STUDY_VERSION = 3;

/** A study of a model on a song: all that the page shows, as plain JSON. */
export interface StudyData {
  format: typeof STUDY_FORMAT;
  version: typeof STUDY_VERSION;
  /** What is to be known before any finding. */
  verdict: StudyVerdict;
  model: StudyModel;
  song: StudySong;
  /** The notes that heat maps, saliency, path and gradients by step are about: `from` to `to`. */
  detail: { from: number; to: number };
  /** In the order of the model's heads. */
  heads: StudyHead[];
  /** In the order of the model's layers; with `--layer` only that one has heat maps. */
  layers: StudyLayer[];
  /** Every unit of every layer, by layer and then by number. */
  units: StudyUnit[];
  /** What the correlations of the units are with, and how they were tested. */
  correlationTest: StudyCorrelationTest;
  gradient: StudyGradient;
  /** Absent when the model has no saliency to show; `leftOut` says why. */
  saliency?: StudySaliency;
  /** Of the categorical heads. */
  alternatives?: StudyAlternatives[];
  /** Absent where it was left out. */
  ablation?: StudyAblation;
  /** What findings are held against. */
  control: StudyControl;
  /** The answer to `--match`. */
  matches?: StudyMatches;
  /** The answer to `--compare`. */
  comparison?: StudyComparison;
  /** The strongest first; the first five are those that the terminal shows. */
  findings: StudyFinding[];
  leftOut: StudyOmission[];
}

/** Whether the model is worth studying on this song: what the first lines of a study say. */
export interface StudyVerdict {
  /** Sentences. The first: whether it beats a fair baseline, head by head, on this song and on held-out music. */
  lines: string[];
  /**
   * Where the song's file was when the model was trained: `both` when its end was held out, `origin` when it was in the music of the
   * model that this one began with, `new` when in neither; `unknown` where the song has no file or the model's file no list.
   */
  song: 'training' | 'both' | 'validation' | 'origin' | 'new' | 'unknown';
  /** Losses on music that it was not trained on; null where its file has none. */
  heldOut: StudyHeldOut | null;
}

/** What the file of a model says of its validation, at the end of the epoch that has these weights. */
export interface StudyHeldOut {
  epoch: number;
  /** How many pieces; null where it was the end of the only piece. */
  pieces: number | null;
  heads: {
    name: string;
    unit: 'nats' | 'squared error';
    /** The mean training loss of that epoch, with dropout if there is any. */
    training: number;
    loss: number;
    /** What always predicting the frequencies (or the mean) of the training pieces costs there; null where the file does not say. */
    baseline: number | null;
    /** What guessing blindly among all classes costs; absent of numbers. */
    guess?: number;
  }[];
}

/** The model that was studied. */
export interface StudyModel {
  /** As it was given: a run folder or a file. */
  path: string;
  preset: string;
  /** The cell of every layer: `lstm`, `gru` and so on. What it has no gate or state for is absent or null below. */
  cell: CellKind;
  layers: number;
  /** The units of each layer. */
  widths: number[];
  parameters: number;
  /** What it reads of each note: categories (such as a one-hot pitch) first, then features. The order of saliency's columns. */
  inputs: string[];
  heads: { name: string; kind: 'categorical' | 'scalar'; size: number; lossWeight: number }[];
  settings: Settings;
  /** Training steps so far; null where the model's file does not know. */
  step: number | null;
  /** What trained it, and what computed this study. */
  trainedBy: string;
  engine: string;
  /** SHA-256 of the weights in the order of the file, in hexadecimal. */
  digest: string;
}

/**
 * The song as the network read it, one entry a note in every column. Where a model counts beats, onsets and ends lie on its grid,
 * and seconds are those of the tempo that stands longest in the song.
 */
export interface StudySong {
  name: string;
  /** Whose notes: `Acoustic Grand Piano`, for instance. */
  instrument: string;
  notes: number;
  /** Seconds until the last note has ended. */
  seconds: number;
  /** MIDI key, 0 to 127. */
  pitch: number[];
  /** Seconds from the beginning. The time axis of everything. */
  start: number[];
  /** Seconds since the note before. */
  step: number[];
  /** Seconds. */
  duration: number[];
  velocity: number[];
  /** The metre-like grid: how many beats a bar was taken to have, the length of a beat, and each note's place in its bar. */
  metre: {
    beats: number;
    /** Seconds of a beat where the song begins; later ones follow the file's tempo. */
    beatSeconds: number;
    /** Cells that a bar is cut into, four to a beat. */
    cells: number;
    /** The cell of each note, 0 to `cells` - 1. */
    cell: number[];
  };
}

/** What one head said about the song. */
export interface StudyHead {
  name: string;
  kind: 'categorical' | 'scalar';
  /** What `loss` and `surprise` are measured in. */
  unit: 'nats' | 'squared error';
  /** The mean over the song, unweighted. */
  loss: number;
  /**
   * The loss of always predicting the frequencies (or the mean) of the training pieces, which the model's file keeps; of files that
   * do not, `songBaseline`. `baselineFrom` says which.
   */
  baseline: number;
  baselineFrom: 'training' | 'song';
  /** The loss of guessing blindly among all classes; absent of numbers. */
  guess?: number;
  /** The loss of always predicting the song's own frequencies (or mean), known only afterwards: no memoryless predictor costs less. */
  songBaseline: number;
  /**
   * How `loss` stands beside `baseline`: `unclear` when the gain is below two of its standard errors (from means over stretches of
   * notes, since neighbours are alike), `nothing to predict` when the baseline is all but 0.
   */
  standing: 'better' | 'unclear' | 'no better' | 'nothing to predict';
  /** Per note, whole song: -log of the probability that was given to it, or for scalar heads its loss. */
  surprise: (number | null)[];
  /**
   * The parts of the same note that it was told, as they came: those drawn before it. `surprise` and `predicted` are given
   * these; empty for a head that knows the past alone.
   */
  reads: string[];
  /**
   * The note of the largest surprise, and what the baseline says of it; null where nothing is predicted, or of `baseline` where the
   * frequencies of the training pieces are not known.
   */
  worst: { note: number; surprise: number; baseline: number | null } | null;
  /** Per note, whole song: what was likeliest, decoded (a MIDI key, seconds, a velocity: of classes the middle of one). */
  predicted: (number | null)[];
  /**
   * The notes in whose place it was likeliest that the piece ends; `predicted` has null there. Absent where there are none, and of
   * all heads but the step.
   */
  ends?: number[];
}

/** What the units of a layer do through the song. */
export interface StudyLayer {
  layer: number;
  /**
   * All units of the layer, those next to each other that do the same: the leaves of a hierarchical clustering of the
   * correlations of h. Rows of a picture should stand in this order.
   */
  order: number[];
  /** The units that the heat maps show, in rising order: row r of each matrix is unit `shown[r]`. */
  shown: number[];
  /** [shown.length, notes of the detail] each; what is missing stands in `leftOut`. */
  heat: Partial<Record<Quantity, ByteMatrix>>;
  /** The same of the whole song, coarsely; absent where the detail is the whole song. */
  overview?: StudyOverview;
  /** The path of h through the song. Absent for a layer of one unit. */
  path?: StudyPath;
}

/** Heat maps of a long song from its beginning to its end. */
export interface StudyOverview {
  /** Notes that a column is the mean of: column k is of notes k * notesPerColumn on, the last of what is left. */
  notesPerColumn: number;
  /** [shown.length, columns] each. */
  heat: Partial<Record<Quantity, ByteMatrix>>;
}

/** What a head held likeliest in the place of each note of the detail. */
export interface StudyAlternatives {
  head: string;
  /**
   * One a note: the likeliest first, as the head's `predicted` (null: the end of the piece) with its probability; empty for note 1. Given
   * what came of the parts that the head reads.
   */
  notes: [value: number | null, probability: number][][];
}

/** The part of a study that is of the notes of its detail alone: what another detail of the same song would replace. */
export interface StudyDetail {
  detail: StudyData['detail'];
  /** In the order of the study's layers. */
  layers: { heat: StudyLayer['heat']; points?: StudyPath['points'] }[];
  byStep: StudyGradient['byStep'];
  saliency?: StudySaliency['heads'];
  alternatives?: StudyAlternatives[];
}

/** The principal components of h, fitted on the whole song. */
export interface StudyPath {
  /** The part of the variance that each component explains, falling. */
  explained: number[];
  /** [components][detail notes]: the coordinates of the state after each note of the detail. */
  points: number[][];
  /** [components][units]: the direction of each component. */
  directions: number[][];
}

/** What a unit can be compared with. The grouped ones (by class) have a correlation ratio η, 0 to 1, instead of r. */
export const CORRELATES = [
  'pitch',
  'pitchClass',
  'register',
  'step',
  'duration',
  'velocity',
  'metre',
  'position',
] as const;
/** The name of something that units are correlated with. */
export type Correlate = (typeof CORRELATES)[number];

/** How the correlations of units were tested. */
export interface StudyCorrelationTest {
  /** What was tested: those of the correlates that vary in this song. */
  correlates: Correlate[];
  /** Notes that were looked at: all, or as many in ten stretches spread evenly over the song. The position is tested on all. */
  notes: number;
  permutations: number;
  seed: number;
  /** Units (of all layers) times correlates: how many comparisons the p values are corrected for. */
  comparisons: number;
  /** A correlation is significant when its corrected p is at most this. */
  level: number;
}

/** The correlation of a unit with something in the music. */
export interface StudyCorrelation {
  with: Correlate;
  /** Which of the unit's values follows it most closely: the output or, where it has one, the cell. */
  of: 'h' | 'c';
  /** Pearson's r, -1 to 1; for pitchClass, register and metre the correlation ratio η, 0 to 1. */
  value: number;
  /** The chance that so strong a value comes up anywhere in the table when nothing is related (family-wise, corrected). */
  p: number;
  significant: boolean;
  /** For grouped correlates: the class with the highest mean and what it is called (`D`, `octave 4`, `beat 1`). */
  peak?: string;
}

/** How long a unit keeps what it has written. */
export interface StudySpan {
  /** The median time, over what it wrote, until half of it is forgotten; null when less than half of it ever was. */
  steps: number | null;
  seconds: number | null;
  /** When `steps` is null: it keeps more than half for at least so long, as far as the song lets one see. */
  atLeastSteps: number;
  atLeastSeconds: number;
  /** ln 2 / -mean(ln f): the half-life at the geometric mean of the gate that keeps, f or z; null when it is 1 throughout. */
  meanHalfLife: number | null;
}

/** The part of the steps, 0 to 1, at which a gate is nearly shut (below 0.1) and nearly open (above 0.9); of candidates (g, n): below -0.9, above 0.9. */
export interface StudySaturation {
  low: number;
  high: number;
  mean: number;
}

/** What a unit does: its memory, its gates, what it correlates with, what the model loses without it. */
export interface StudyUnit {
  layer: number;
  unit: number;
  /** Null where no gate keeps anything: of an RNN. */
  span: StudySpan | null;
  /** Of each gate of the cell. */
  saturation: Partial<Record<Gate, StudySaturation>>;
  h: StudyRange;
  /** Absent where the cell has no state beside its output. */
  c?: StudyRange;
  /** |h| stays below 0.01: nobody hears it. */
  dead: boolean;
  /** h keeps its sign and never falls below half of its largest size: a constant more than a message. */
  alwaysOn: boolean;
  /** The least p first; one for each of correlationTest.correlates, or of many units the first few (see leftOut). */
  correlations: StudyCorrelation[];
  /** The notes after which |h| was largest, the largest first. */
  top: { note: number; h: number }[];
  /** How much the weighted loss rises without the unit, and its place among all (1: missed the most); null if not tried. */
  cost: number | null;
  rank: number | null;
}

/** The values that something takes through the song. */
export interface StudyRange {
  min: number;
  max: number;
  mean: number;
  sd: number;
}

/** The gradient on its way back through time. */
export interface StudyGradient {
  /**
   * Averaged over predictions: lag k is k steps before the step that predicted. One row a layer: the mean norm of dL/dh
   * and, where the cell has a state beside its output, dL/dc of one prediction's weighted loss L.
   */
  byLag: { predictions: number; dh: number[][]; dc?: number[][] };
  /** L the mean weighted loss of the whole song: the norms at every step of the detail, one row a layer. */
  byStep: { dh: number[][]; dc?: number[][] };
  /** Per layer the first lag at which the mean norm of dL/dh is below half, and below a hundredth, of that at lag 0; null: not within the lags. */
  halfLag: (number | null)[];
  hundredthLag: (number | null)[];
}

/** Which past notes a prediction rests on. */
export interface StudySaliency {
  /** How many past notes were looked at: lag 0 is the note just before the predicted one. */
  lags: number;
  /** As model.inputs. */
  inputs: string[];
  /**
   * Gradient times input of the log probability that the head gave to the note that came (positive: it spoke for the note), or
   * for scalar heads of the predicted number (positive: it raised it). Rows: the notes of the detail, row r being about the
   * prediction of note `detail.from` + r; columns: lag * inputs.length + input. Rows carry their own scale. Lags before the
   * beginning of the song, and the row of note 1, are missing.
   */
  heads: { name: string; values: ByteMatrix }[];
  /** Integrated gradients for the notes chosen with `--at`, against a silent past (all inputs zero). */
  integrated: StudyIntegrated[];
}

/** The integrated gradients of one prediction. */
export interface StudyIntegrated {
  /** The predicted note. */
  note: number;
  head: string;
  /** [lags][inputs]; lags before the song are absent. */
  values: number[][];
  /** The sum of all values, and the difference of the outputs that it should equal (Sundararajan et al. 2017, completeness). */
  sum: number;
  difference: number;
  /** |sum - difference| as a part of |difference| (of a thousandth of all values' sizes where that is larger). */
  error: number;
  /** Points of the path from baseline to input. */
  points: number;
}

/** One thing held still, and what it costs. */
export interface StudyAblationRow {
  layer: number;
  /** Which unit; absent when a gate or a whole layer was held. */
  unit?: number;
  /** Which gate, all of its units. */
  gate?: Gate;
  /** Held at zero or at its mean over the song. */
  held: 'zero' | 'mean';
  /** By how much the loss of each head rises, in the order of the heads; negative: the model is better without. */
  losses: number[];
  /** The same of the weighted loss. */
  loss: number;
}

/** What the model loses without units, gates and layers. */
export interface StudyAblation {
  /** `the song`, or what --data named. */
  on: string;
  /** Predictions behind each number. */
  predictions: number;
  /** The losses of the whole model there. */
  baseline: { losses: number[]; loss: number };
  /** The most missed first. */
  units: StudyAblationRow[];
  gates: StudyAblationRow[];
  layers: StudyAblationRow[];
}

/**
 * What findings are held against: the same figures of networks of the same shape that were never trained, and the song with its
 * notes in random order. A finding that an untrained network shows just as strongly says nothing of what was learned, and is left out.
 */
export interface StudyControl {
  /** Notes of the song that all of these were measured on, from the first; those of `trained` too. */
  notes: number;
  /** Of the seeds from which the untrained networks have their weights; the first is that of the studied one's own run. */
  seeds: number[];
  trained: StudyControlFigures;
  /** One of each seed. */
  untrained: StudyControlFigures[];
  order: StudyOrder;
}

/** What is compared between the studied network and untrained ones. */
export interface StudyControlFigures {
  /** The longest memory span of all units, in time steps, and the median one; null where units have none. */
  longestSpan: number | null;
  medianSpan: number | null;
  /** For each correlate the strongest correlation of any unit, by size. */
  correlations: { with: Correlate; value: number }[];
  /** Of the last layer: the mean norm of dL/dh by lag, in parts of that at lag 0. */
  gradient: number[];
  /** The part of the first head's saliency (pitch, where there is one) in the last four notes; null where it looks at fewer than 8. */
  nearSaliency: number | null;
  /** The part of units that are dead or always on. */
  idle: number;
  /** Of each gate, but not of candidates: the mean part of the notes at which it is open (above 0.9) and shut (below 0.1). */
  saturation: Partial<Record<Gate, { open: number; shut: number }>>;
  /** The part of the variance of the last layer's h in its first two principal components; null for one unit. */
  twoDirections: number | null;
  /** The rise of the weighted loss without the unit whose loss costs most, in parts of the loss; of the loudest units, on a few notes. */
  ablation: number;
}

/** What the order of the notes is worth to the model. */
export interface StudyOrder {
  notes: number;
  /** How many random orders were averaged. */
  shuffles: number;
  /** The mean loss of each head in the order of the song and in random order, and the standard error of the difference; null where the song is too short to tell. */
  heads: { name: string; inOrder: number; shuffled: number; error: number | null }[];
}

/** Places at which the chosen units are on together (LSTMVis). */
export interface StudyMatches {
  layer: number;
  units: number[];
  /** The chosen place, notes of the song: `from` to `to`. */
  from: number;
  to: number;
  /** A unit is on when |h| is at least this, with the sign it has at the chosen place. */
  threshold: number;
  signs: (1 | -1)[];
  /** Notes searched, in all pieces. */
  searched: number;
  found: number;
  /** The best first: as long as the chosen place, and with as few other units on. */
  places: StudyMatch[];
}

/** A place in the music at which the chosen units are on. */
export interface StudyMatch {
  piece: string;
  from: number;
  to: number;
  /** Seconds from the beginning of the piece. */
  seconds: number;
  /** Units of the layer that are on throughout without having been chosen. */
  others: number;
  /** The notes of the place with two before and two after, for showing: MIDI keys. */
  pitches: number[];
}

/** What changed between two checkpoints of one run; "before" is the one with fewer steps, or that does not know them. */
export interface StudyComparison {
  before: { path: string; step: number | null };
  after: { path: string; step: number | null };
  /** Norms of each weight tensor before, after and of the difference. */
  tensors: { name: string; before: number; after: number; change: number; relative: number }[];
  heads: { name: string; before: number; after: number }[];
  /** What changed most in single units, the largest first. */
  units: StudyUnitChange[];
}

/** How a figure of a unit changed from one checkpoint to the other. */
export interface StudyUnitChange {
  layer: number;
  unit: number;
  /** What: the memory span in steps, a gate's open or shut share, a correlation, or the spread of h. */
  what: string;
  before: number;
  after: number;
  /** How large the change is beside the usual spread of this figure among units. */
  size: number;
}

/** What a finding is about. */
export type FindingKind =
  | 'memory'
  | 'correlation'
  | 'ablation'
  | 'surprise'
  | 'gradient'
  | 'saliency'
  | 'idle'
  | 'saturation'
  | 'path'
  | 'order'
  | 'comparison';

/** One thing worth knowing, in a sentence with its numbers. */
export interface StudyFinding {
  kind: FindingKind;
  text: string;
  /** 0 to 1: how it was ranked. */
  strength: number;
  /** What it is about, for highlighting; empty where it is about no unit. */
  units: { layer: number; unit: number }[];
  /** Notes it is about. */
  notes: number[];
}

/** What is not in the study, and why. */
export interface StudyOmission {
  /** For instance `heat maps of notes 1000 to 9999`. */
  what: string;
  why: string;
}
