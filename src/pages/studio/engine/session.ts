import { DataError, EtudeError, UsageError } from '../../../errors.ts';
import { NotFiniteError } from '../../../finite.ts';
import type { Corpus, Piece } from '../../../midi/corpus/types.ts';
import type { Codec } from '../../../midi/codec/codec.ts';
import { tableToNotes } from '../../../midi/table.ts';
import type { Note } from '../../../midi/types.ts';
import {
  AUTO,
  canRecall,
  choosePreset,
  createTrainingRun,
  defaultBudget,
  defaultRecall,
  fineTuningSettings,
  fitMemoryFor,
  leastNotes,
  musicModel,
  openSettings,
  prepareData,
  resolveSettings,
  settleChoice,
  trainedOnCopies,
  usualLength,
  usualPrimer,
  type MusicModel,
  type PreparedData,
  type PresetChoice,
  type RunStart,
  type Settings,
  type TrainingRun,
} from '../../../music/index.ts';
import { encodeCheckpoint, parameterCount, planFor, decodeCheckpoint, type Checkpoint } from '../../../nn/index.ts';
import { loadKernels } from '../../../tensor/index.ts';
import type { EngineCalls, ModelInfo, MusicInfo, PieceInfo, Tell } from '../protocol.ts';
import { MusicLibrary, type Choice } from './music-library.ts';
import { TrainingLoop } from './training-loop.ts';

/** What is trained, with nothing open, and how. */
interface RunRequest extends Pick<EngineCalls['prepare']['request'], 'threads' | 'backend'> {
  preset: string;
  settings: Settings;
}

/** A network in training. */
interface ActiveRun {
  run: TrainingRun;
  data: PreparedData;
  loop: TrainingLoop;
}

/** Of a piece, for whatever is done with it. */
const LEAST_NOTES = 2;

/** A thread from a file of its own, thread.js beside the bundles: the page's content security policy forbids code from text. */
const createWorker = () => new Worker(new URL('./thread.js', import.meta.url), { type: 'module' });

/** All that the engine's worker holds: the music, and one network, either in training or from a file. */
export class Session {
  library = new MusicLibrary();
  readonly #tell: Tell;
  /** Called, and waited for, when the page has just heard of steps. */
  onNews?: () => Promise<void>;
  #active?: ActiveRun;
  #opened?: { checkpoint: Checkpoint; model: MusicModel };

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Takes files as the music, unless none of them can serve: a piece has two notes at least, or something follows nothing. */
  loadMusic({ files, settings, toTrain = false }: EngineCalls['loadMusic']['request']): MusicInfo {
    const library = new MusicLibrary();
    for (const file of files) library.add(file);
    const corpusOf = (minNotes: number): Corpus => library.corpus({ ...settings, files: null, minNotes });
    const serving = corpusOf(toTrain ? leastNotes(settings) : LEAST_NOTES);
    const taken = serving.pieces.length > 0;
    if (taken) this.library = library;
    const { pieces, skipped, duplicates } = taken ? corpusOf(LEAST_NOTES) : serving;
    return { pieces: pieces.map(describePiece), skipped, duplicates: duplicates.length, taken };
  }

  notesOf(path: string, settings: Choice): Note[] {
    return tableToNotes(this.piece(path, settings).table);
  }

  /** @throws DataError when there is no such piece, or nothing in it */
  piece(path: string, settings: Choice): Piece {
    const piece = this.library.piece(path, settings);
    if (!piece) throw new DataError(`${path}: this piece is not among the music on the page. Choose another.`);
    return piece;
  }

  /**
   * What suits the music that is there.
   * @throws DataError when none of it can serve
   */
  choose({ given }: EngineCalls['choose']['request']): PresetChoice {
    return choosePreset(this.#corpusFor(openSettings(given)).pieces, given);
  }

  /** Makes a fresh network, in place of the one there was: the one that `etude train` would make. */
  async prepare({ preset, given, ...how }: EngineCalls['prepare']['request']): Promise<ModelInfo> {
    if (preset !== AUTO) {
      const settings = resolveSettings(preset, given);
      return this.#begin(this.#prepareData(settings), { preset, settings, ...how });
    }
    const corpus = this.#corpusFor(openSettings(given));
    const settled = settleChoice(choosePreset(corpus.pieces, given), given);
    return this.#begin(prepareData(corpus, settled.settings), { ...settled, ...how });
  }

  /**
   * Makes a run that begins with the weights of the network that is there, on the music that is there, with a third of its
   * learning rate.
   * @throws UsageError when there is no network; DataError when no piece can serve
   */
  async trainOn(choice: EngineCalls['trainOn']['request']): Promise<ModelInfo> {
    const from = await this.model();
    const settings = fineTuningSettings(from);
    const data = this.#prepareData(settings, from.codec);
    return this.#begin(data, { preset: from.preset, settings, ...choice }, { from });
  }

  /**
   * Takes a model from a file. Where the music is that which it was trained on, and the file holds the state of its
   * training, it can be trained on from the very next step; otherwise it can be looked at and played.
   * @throws CheckpointError when the file is none of Etude's, or no model of music; the network that was there stays
   */
  async open({ bytes, threads, backend }: EngineCalls['open']['request']): Promise<ModelInfo> {
    const checkpoint = decodeCheckpoint(bytes);
    const model = musicModel(checkpoint);
    const data = this.#musicOf(checkpoint, model);
    if (!data) {
      await this.close();
      this.#opened = { checkpoint, model };
      return describeOpened(model);
    }
    const info = await this.#begin(
      data,
      { preset: model.preset, settings: model.settings, threads, backend },
      { resumes: true, ...(model.from && { from: model }) },
    );
    const { run, loop } = this.#active!;
    // What was fitted for its memory is no part of its training.
    if (model.memory) run.extra.memory = model.memory;
    await run.trainer.resume(checkpoint);
    loop.step = model.step ?? 0;
    return { ...info, step: loop.step };
  }

  train(steps: number | null): void {
    if (!this.#active) {
      throw new UsageError(
        this.#opened
          ? 'This model was trained on music other than that on the page, or by an earlier version, or its file has no training state: you can inspect and play it. “Continue training on this music” starts from its weights, Reset from a new network.'
          : 'There is no network yet.',
      );
    }
    this.#active.loop.start(steps ?? Infinity);
  }

  pause(): void {
    this.#active?.loop.pause();
  }

  /** The network that is there, with its present weights. @throws UsageError when there is none */
  async model(): Promise<MusicModel> {
    if (this.#opened) return this.#opened.model;
    if (!this.#active) throw new UsageError('There is no network yet: start the training, or open a model.');
    const { engine, extra } = this.#active.run;
    const model = musicModel({ spec: engine.spec, parameters: await engine.readParameters(), extra });
    return { ...model, step: this.#active.loop.step, engineName: engine.name };
  }

  /**
   * The model as the bytes of a file that the command line opens, with the state of its training. The file plays what the
   * page plays: the present weights, and not those of an earlier epoch that may have been better.
   */
  async save(): Promise<Uint8Array> {
    const checkpoint = await this.#checkpoint();
    const { training } = checkpoint;
    return encodeCheckpoint({ ...checkpoint, training: training && { ...training, best: undefined } });
  }

  /**
   * What {@link save} gives, and the weights of the best epoch beside it: whoever goes on from this ends where the run would
   * have ended by itself.
   */
  async keep(): Promise<EngineCalls['keep']['reply']> {
    const checkpoint = await this.#checkpoint();
    return { model: encodeCheckpoint(checkpoint), step: checkpoint.training?.engine.step ?? 0 };
  }

  async #checkpoint(): Promise<Checkpoint> {
    if (this.#opened) return this.#opened.checkpoint;
    if (!this.#active) throw new UsageError('There is no network to save yet: start the training first.');
    const { loop, run } = this.#active;
    return loop.between(() => run.trainer.checkpoint());
  }

  /** Ends the run that there is, and forgets the model. */
  async close(): Promise<void> {
    const active = this.#active;
    this.#active = this.#opened = undefined;
    if (!active) return;
    await active.loop.end();
    await active.run.engine.dispose();
  }

  /** @throws DataError when no piece can serve */
  #prepareData(settings: Settings, codec?: Codec): PreparedData {
    return prepareData(this.#corpusFor(settings), settings, { codec });
  }

  /** The music as it is read with some settings. @throws DataError when no piece can serve */
  #corpusFor(settings: Settings): Corpus {
    if (this.library.isEmpty) throw new DataError('There is no music yet: drop MIDI files, or choose the songbook.');
    const corpus = this.library.corpus({ ...settings, minNotes: leastNotes(settings) });
    if (corpus.pieces.length > 0) return corpus;
    const reasons = corpus.skipped.slice(0, 3).map(({ path, reason }) => `${path}: ${reason}`);
    throw new DataError(
      `None of this music can be used (${reasons.join('; ')}). ` +
        'Give longer pieces, a shorter window (seq-length), or another instrument.',
    );
  }

  async #begin(
    data: PreparedData,
    { preset, settings, threads, backend }: RunRequest,
    start: Pick<RunStart, 'resumes' | 'from'> = {},
  ): Promise<ModelInfo> {
    const loop = new TrainingLoop(this.#tell, {
      onNews: async () => this.onNews?.(),
      onEnd: (signal) => this.#fitMemory(signal),
    });
    const run = await createTrainingRun(data, settings, preset, { threads, backend, createWorker }, loop.callbacks, {
      ...start,
      now: () => loop.now(),
    });
    // The old network goes only when the new one stands.
    await this.close();
    loop.attach(run.trainer);
    this.#active = { run, data, loop };
    return describeRun(run, data, preset, settings);
  }

  /**
   * Fits the memory of a model that draws in an order on the validation pieces, as `etude train` does at the end of a run.
   * @returns why it could not be fitted; then the defaults serve
   */
  async #fitMemory(signal: AbortSignal): Promise<string | undefined> {
    const active = this.#active;
    if (!active?.data.validation || !active.data.codec.spec.order) return undefined;
    const tables = active.data.validationPieces.map(({ table }) => table);
    const onProgress = (part: number): void => this.#tell('fitting', { part });
    try {
      const how = { kernels: await loadKernels(), states: true, onProgress, signal };
      active.run.extra.memory = (await fitMemoryFor(await this.model(), tables, how)).parameters;
      return undefined;
    } catch (thrown) {
      if (thrown instanceof UsageError || thrown instanceof NotFiniteError) return thrown.message;
      throw thrown;
    }
  }

  /** The music on the page, if it is what the model was trained on and the training can go on. */
  #musicOf(checkpoint: Checkpoint, model: MusicModel): PreparedData | undefined {
    if (!checkpoint.training || trainedOnCopies(checkpoint) || this.library.isEmpty) return undefined;
    try {
      const data = this.#prepareData(model.settings, model.from && model.codec);
      const same =
        JSON.stringify(data.spec) === JSON.stringify(checkpoint.spec) &&
        JSON.stringify(data.codec.spec) === JSON.stringify(model.codec.spec) &&
        data.trainPieces.map(({ digest }) => digest).join() === model.data.train.join();
      return same ? data : undefined;
    } catch (thrown) {
      if (thrown instanceof EtudeError) return undefined;
      throw thrown;
    }
  }
}

function describePiece({ path, name, table }: Piece): PieceInfo {
  let seconds = 0;
  for (let i = 0; i < table.length; i++) seconds = Math.max(seconds, table.start[i] + table.duration[i]);
  return { path, name, notes: table.length, seconds };
}

function describeRun({ engine }: TrainingRun, data: PreparedData, preset: string, settings: Settings): ModelInfo {
  const { batches: stepsPerEpoch } = planFor(data.train, settings);
  return {
    spec: data.spec,
    preset,
    settings,
    engineName: engine.name,
    parameters: parameterCount(data.spec),
    step: 0,
    stepsPerEpoch,
    mostSteps: Math.min((settings.epochs ?? Infinity) * stepsPerEpoch, settings.maxSteps ?? Infinity),
    windows: data.train.size,
    validationWindows: data.validation?.size ?? 0,
    trainPieces: data.trainPieces.map(({ path }) => path),
    validationPieces: data.validationPieces.map(({ path }) => path),
    trainable: true,
    ...drawingInfo(data),
  };
}

function describeOpened(model: MusicModel): ModelInfo {
  const { spec, preset, settings, step, engineName } = model;
  return {
    spec,
    preset,
    settings,
    engineName,
    parameters: parameterCount(spec),
    step: step ?? 0,
    stepsPerEpoch: 0,
    mostSteps: step ?? 0,
    windows: 0,
    validationWindows: 0,
    trainPieces: [],
    validationPieces: [],
    trainable: false,
    ...drawingInfo(model),
  };
}

/** How a model's music is drawn unless told. */
function drawingInfo(
  model: Pick<MusicModel, 'codec' | 'primer' | 'repetition'>,
): Pick<ModelInfo, 'primer' | 'recall' | 'budget' | 'length' | 'tempo'> {
  const { codec } = model;
  return {
    primer: usualPrimer(model),
    recall: canRecall(codec) ? defaultRecall(model) : null,
    budget: defaultBudget(model),
    length: usualLength(model),
    tempo: codec.spec.beats?.tempo ?? null,
  };
}
