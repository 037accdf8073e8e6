import type { NoteEvent } from '../../midi/table.ts';
import type { Note } from '../../midi/types.ts';
import type { GeneratedMusic } from '../../music/generate.ts';
import type { PresetChoice } from '../../music/choose-preset.ts';
import type { Settings } from '../../music/settings.ts';
import type { EpochRecord, ModelSpec, StepReport } from '../../nn/index.ts';
import type { CellArithmetic } from './cell-arithmetic.ts';
import type { CellChoice, PhraseChoice, PhraseView } from './phrase.ts';

/** A MIDI file as it was dropped. */
export interface MusicFile {
  /** With the folders it lay in, where the browser tells them. */
  path: string;
  bytes: Uint8Array;
}

/** One piece of the music that is there, for lists and piano rolls. */
export interface PieceInfo {
  path: string;
  name: string;
  notes: number;
  seconds: number;
}

/** What the music is after files came in. */
export interface MusicInfo {
  pieces: PieceInfo[];
  /** Files that cannot serve, and why. */
  skipped: { path: string; reason: string }[];
  duplicates: number;
  /** Whether the files became the music; not one of them can serve otherwise, and the music is as it was. */
  taken: boolean;
}

/** A network ready to be trained or played. */
export interface ModelInfo {
  spec: ModelSpec;
  preset: string;
  settings: Settings;
  engineName: string;
  parameters: number;
  /** Steps taken so far, and of how many at most. */
  step: number;
  mostSteps: number;
  stepsPerEpoch: number;
  windows: number;
  validationWindows: number;
  trainPieces: string[];
  validationPieces: string[];
  /** Whether it can be trained here; a file may hold a model of other music. */
  trainable: boolean;
  /** What it hears first unless told; nothing where it has learned how pieces begin. */
  primer: { name: string; notes: NoteEvent[] };
  /** How strongly its music recalls itself unless told; null where its notes are no classes, and nothing can be recalled. */
  recall: number | null;
  /** The share of repeated figures at which the recall falls silent, unless told. */
  budget: number;
  /** Notes of its music unless told; `auto`: it has learned how pieces end, and ends it. */
  length: number | 'auto';
  /** Quarters a minute of its music unless told; null where it counts seconds. */
  tempo: number | null;
}

/** What a step told, and the time it took. */
export interface StepNews extends Pick<
  StepReport,
  'step' | 'epoch' | 'losses' | 'loss' | 'gradientNorm' | 'clipped' | 'learningRate' | 'secondsLeft'
> {
  milliseconds: number;
}

/** How to draw music. */
export interface PlayRequest {
  /** How many, where no `seconds` are given; null until the network ends the piece, or as many as is usual where it cannot. */
  notes: number | null;
  /** Where the music ends; null: after its notes. */
  seconds: number | null;
  /** Quarters a minute; null the network's own. Of no effect where it counts seconds. */
  tempo: number | null;
  seed: number;
  temperature: number;
  timeTemperature: number;
  /** By head, where they differ from all that. */
  temperatures: Partial<Record<string, number>>;
  topK: number;
  topP: number;
  /** null: the model's own. */
  recall: number | null;
  budget: number | null;
  /** The opening of this piece; the model's own primer unless given. */
  primer?: string;
  /** Notes in the notation, in place of a piece. */
  typed?: string;
  /** What was just played, in place of a piece; nothing is heard first where it is empty. */
  played?: NoteEvent[];
}

/** Music that was drawn. */
export interface Drawn {
  notes: Note[];
  /** The same as hands would play them, with the chords spread: what the file says. */
  played: Note[];
  /** One for each draw; of those that strike a key at once one note remains. */
  probabilities: Float64Array;
  /** The bytes of the MIDI file. */
  midi: Uint8Array;
  program: number;
  isDrum: boolean;
  /** `limit`: it should have ended itself, and did not. */
  ended: GeneratedMusic['ended'] | 'limit';
}

/** What the page asks of the engine's worker, and what comes back. */
export interface EngineCalls {
  /** Takes files as the music, in place of what there was. */
  loadMusic: {
    /** `toTrain`: a network is to be made of it as these settings say, so some piece must be long enough for that. */
    request: { files: MusicFile[]; settings: Settings; toTrain?: boolean };
    reply: MusicInfo;
  };
  /** The notes of one piece. */
  notesOf: {
    request: { path: string } & Pick<Settings, 'instrument' | 'compat' | 'charset' | 'sustain' | 'chords'>;
    reply: Note[];
  };
  /** What suits the music, read with what is given of the settings. */
  choose: { request: { given: Partial<Settings> }; reply: PresetChoice };
  /** A fresh network for a preset, or `auto` for what suits the music, and settings in place of its own. */
  prepare: {
    request: { preset: string; given: Partial<Settings>; threads: number | 'auto'; backend: string };
    reply: ModelInfo;
  };
  /** The network that is there, to be trained on with the music that is there. */
  trainOn: { request: { threads: number | 'auto'; backend: string }; reply: ModelInfo };
  /** Trains: so many steps, or until told otherwise. */
  train: { request: { steps: number | null }; reply: undefined };
  pause: { request: undefined; reply: undefined };
  /** Which phrase is watched while it trains; null: none. */
  watch: { request: { phrase: PhraseChoice | null }; reply: undefined };
  look: { request: PhraseChoice; reply: PhraseView };
  /** One unit's equations with their numbers. */
  cell: { request: CellChoice; reply: CellArithmetic };
  draw: { request: PlayRequest; reply: Drawn };
  /** The model as a file. */
  save: { request: undefined; reply: Uint8Array };
  /** The same with all that its training needs to go on as if nothing had been, and how many steps it has taken. */
  keep: { request: undefined; reply: { model: Uint8Array; step: number } };
  /** A model from a file. */
  open: { request: { bytes: Uint8Array; threads: number | 'auto'; backend: string }; reply: ModelInfo };
}

/** What the engine's worker tells unasked. */
export interface EngineEvents {
  steps: StepNews[];
  epoch: EpochRecord;
  /** It stands still: after the steps that were asked for, or because it was told to. */
  paused: { step: number };
  /** The run is over, and what part of its memory is fitted, 0 to 1. */
  fitting: { part: number };
  /** The run is over, and its memory is fitted, where it has one. */
  ended: {
    reason: string;
    step: number;
    best: { epoch: number; loss: number } | null;
    /** Why its memory has the default numbers, where it should have others. */
    notFitted?: string;
  };
  /** Training cannot go on. */
  trouble: { name: string; message: string };
  phrase: PhraseView;
  drawn: DrawnNews;
}

/** What a drawn note was copied from, as far as the memory had a part in it. */
export interface CopyOrigin {
  /** Where that stands: among the notes of the primer, or those that were drawn. */
  among: 'primer' | 'drawn';
  /** Its place there, from 0. */
  note: number;
  /** Whether the interval to it was copied and not its key. */
  transposed: boolean;
  /** What part of its probability came from the memory, 0 to 1. */
  share: number;
}

/** A note that was drawn; see LaidNote in src/music/lay-out.ts for its places. */
export interface DrawnNews {
  note: Note;
  index: number;
  /** The note at this place ends where this one starts. */
  cut?: number;
  probability: number;
  origin?: CopyOrigin;
  /** How many notes were asked for; Infinity where seconds end the music, or the network does. */
  total: number;
}

export type Call = keyof EngineCalls;

/** Page to worker. */
export interface AskMessage<C extends Call = Call> {
  id: number;
  call: C;
  request: EngineCalls[C]['request'];
}

/** Worker to page. */
export type TellMessage =
  | { id: number; reply: unknown }
  | { id: number; error: { name: string; message: string } }
  | { event: keyof EngineEvents; detail: unknown };

/** Tells the page something that it did not ask for. */
export type Tell = <E extends keyof EngineEvents>(event: E, detail: EngineEvents[E]) => void;
