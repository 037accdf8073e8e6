import { UsageError } from '../errors.ts';
import {
  Codec,
  isMeter,
  parseCodecSpec,
  parseInstrumentChoice,
  placesOf,
  type BarPlace,
  type NoteEvent,
} from '../midi/index.ts';
import { AUTO, checkedCharset } from '../midi/read/charset.ts';
import {
  assertForward,
  CheckpointError,
  type Checkpoint,
  type EpochRecord,
  type ModelSpec,
  type NamedArrays,
  type TrainerState,
} from '../nn/index.ts';
import { codingsOf } from './codings.ts';
import { parseFrequencies, type Frequencies } from './evaluation/frequencies.ts';
import { parseMemoryParameters, type MemoryParameters } from './memory/index.ts';
import { parseOrigin, type ModelOrigin } from './model-origin.ts';
import { parseSettings, type Settings } from './settings.ts';

/** What a checkpoint carries beside the network, so that it can be used without the data it was trained on. */
export interface MusicExtra extends Record<string, unknown> {
  codec: unknown;
  settings: Settings;
  preset: string;
  /** Digests of the training and validation files, so that a run is resumed on the same music. */
  data: { train: string[]; validation: string[] };
  primer: { name: string; notes: NoteEvent[] };
  /** What the training pieces have to say of each head, whatever comes before. */
  frequencies?: Frequencies;
  /** By head what always giving these costs at the validation windows, where there were some. */
  heldOutBaseline?: Record<string, number>;
  /** How much the training pieces repeat themselves: see `repetitionIn`. */
  repetition?: number;
  /** The numbers of a memory that were fitted for this model. */
  memory?: MemoryParameters;
  /** The model whose weights and codec it began with. */
  from?: ModelOrigin;
}

/** A trained model of music. */
export interface MusicModel {
  spec: ModelSpec;
  parameters: NamedArrays;
  codec: Codec;
  settings: Settings;
  preset: string;
  data: MusicExtra['data'];
  primer: MusicExtra['primer'];
  /** What always giving the frequencies of the training pieces says; files of earlier versions do not know them. */
  frequencies?: Frequencies;
  /** By head what always giving these costs at the validation windows; files of earlier versions do not know it. */
  heldOutBaseline?: Record<string, number>;
  /** How much the training pieces repeat themselves, between 0 and 1; files of earlier versions do not know. */
  repetition?: number;
  /** What was fitted for a memory of its music; without it there are defaults. */
  memory?: MemoryParameters;
  /** The model whose weights and codec it began with, where there was one. */
  from?: ModelOrigin;
  history: EpochRecord[];
  /** The epoch at whose end it had these weights, from 1; null where its file does not say. */
  epoch: number | null;
  /** Steps it was trained for, null where its file holds no state of training and so does not know; and what trained it. */
  step: number | null;
  engineName: string;
}

/**
 * The model in a checkpoint, with its best weights if `last` carries them.
 * @throws CheckpointError when the checkpoint holds a network but not one of music
 * @throws UsageError when its network is bidirectional
 */
export function musicModel(checkpoint: Checkpoint): MusicModel {
  const { spec, parameters, extra, training } = checkpoint;
  const { codec, settings, preset, data, primer, frequencies, heldOutBaseline, repetition, memory, from } = extra as Partial<MusicExtra>; // prettier-ignore
  if (codec === undefined || settings === undefined || !isPrimer(primer) || !isData(data)) {
    throw new CheckpointError('This file holds a network but no codec for music; it was not made by "etude train". "etude summary" and "etude gradcheck" take such a model, and loadModel of the library one of plain sequences.'); // prettier-ignore
  }
  assertForward(spec, 'music');
  try {
    const parsed = new Codec(parseCodecSpec(codec));
    assertSameShape(parsed, spec);
    return {
      spec,
      parameters: training?.best ?? parameters,
      codec: parsed,
      settings: readSettings(settings),
      preset: String(preset),
      data,
      primer,
      ...(frequencies !== undefined && { frequencies: parseFrequencies(frequencies, spec.heads) }),
      ...(heldOutBaseline !== undefined && { heldOutBaseline: parseBaselines(heldOutBaseline, spec) }),
      ...(repetition !== undefined && { repetition: parseRepetition(repetition) }),
      ...(memory !== undefined && { memory: parseMemoryParameters(memory) }),
      ...(from !== undefined && { from: parseOrigin(from) }),
      history: historyOf(training),
      epoch: epochOf(training),
      step: training?.engine.step ?? null,
      engineName: training?.engineName ?? 'unknown',
    };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new CheckpointError(`The file's description of its music cannot be read: ${cause.message}`, { cause });
  }
}

function parseBaselines(json: unknown, { heads }: ModelSpec): Record<string, number> {
  const given = (json ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    heads.map(({ name }) => {
      const loss = given[name];
      if (Number.isFinite(loss) && (loss as number) >= 0) return [name, loss as number];
      throw new UsageError(`heldOutBaseline.${name}: expected a loss, got ${JSON.stringify(loss)}.`);
    }),
  );
}

function parseRepetition(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new UsageError(`repetition: expected a number from 0 to 1, got ${JSON.stringify(value)}.`);
}

/** Settings from a file, with the words in them that only those who read music understand. */
function readSettings(json: unknown): Settings {
  const settings = parseSettings(json);
  codingsOf(settings);
  parseInstrumentChoice(settings.instrument);
  checkedCharset(settings.charset ?? AUTO);
  return settings;
}

/** The epochs so far; a file may say anything about its training, and none of it is needed to make music. */
function historyOf(training: Checkpoint['training']): EpochRecord[] {
  const history: unknown = (training?.trainer as { history?: unknown } | undefined)?.history;
  return Array.isArray(history) ? (history as EpochRecord[]) : [];
}

/** The best weights are those of the best epoch; without such, of the last that ended. */
function epochOf(training: Checkpoint['training']): number | null {
  const trainer = training?.trainer as Partial<TrainerState> | undefined;
  const epoch = training?.best ? trainer?.earlyStopping?.bestEpoch : historyOf(training).at(-1)?.epoch;
  return Number.isSafeInteger(epoch) ? epoch! : null;
}

function assertSameShape(codec: Codec, spec: ModelSpec): void {
  const { categories, features } = spec.inputs;
  const same =
    JSON.stringify(codec.inputs) === JSON.stringify({ categories, features }) &&
    codec.heads.length === spec.heads.length &&
    codec.heads.every((head, k) => {
      const other = spec.heads[k];
      return (
        head.name === other.name && head.kind === other.kind && (other.kind === 'scalar' || head.size === other.size)
      );
    });
  if (!same) throw new CheckpointError('The codec in this file does not fit its network; the file is damaged.');
}

function isPrimer(value: unknown): value is MusicExtra['primer'] {
  const { name, notes } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && Array.isArray(notes) && notes.every(isNoteEvent);
}

function isNoteEvent(value: unknown): value is NoteEvent {
  const { pitch, step, duration, velocity, bar } = (value ?? {}) as Record<string, unknown>;
  const isByte = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 127;
  const isTime = (n: unknown): boolean => Number.isFinite(n) && (n as number) >= 0;
  return (
    isByte(pitch) && isByte(velocity) && isTime(step) && isTime(duration) && (bar === undefined || isBarPlace(bar))
  );
}

function isBarPlace(value: unknown): value is BarPlace {
  const { meter, place } = (value ?? {}) as Record<string, unknown>;
  return isMeter(meter) && Number.isInteger(place) && (place as number) >= 0 && (place as number) < placesOf(meter);
}

function isData(value: unknown): value is MusicExtra['data'] {
  const { train, validation } = (value ?? {}) as Record<string, unknown>;
  return Array.isArray(train) && Array.isArray(validation);
}
