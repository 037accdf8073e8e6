import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  createTrainingRun,
  prepareDataInTurns,
  type MusicExtra,
  type MusicModel,
  type PreparedData,
  type SettingKey,
  type Settings,
} from '../../music/index.ts';
import {
  CELLS,
  DivergedError,
  parameterCount,
  type Checkpoint,
  type EpochRecord,
  type RateJump,
  type TrainerCallbacks,
  type TrainingResult,
} from '../../nn/index.ts';
import type { Corpus } from '../../midi/index.ts';
import { quoted } from '../../text/table.ts';
import { etudeVersion } from '../../package-folder.ts';
import { counted, formatCount } from '../../text/words.ts';
import { countTrained } from '../evaluate/choose-pieces.ts';
import { InterruptedError } from '../exit-codes.ts';
import { outputError } from '../files.ts';
import { readGpuKnowledge } from '../gpu-knowledge.ts';
import { LogFile, type LogEntry } from '../log-file.ts';
import { createRunFolder, runPaths, RUN_FILES, type RunPaths } from '../run-folder.ts';
import { settingText } from '../../music/setting-words.ts';
import { listOf } from '../../music/settings.ts';
import { echoSettings } from '../setting-options.ts';
import { flagName } from '../options.ts';
import { slowly } from '../slow-progress.ts';
import type { Terminal } from '../terminal.ts';
import { alsoWatching } from './also-watching.ts';
import { describeCorpus, describeSplit } from './read-music.ts';
import type { SettledPlan } from './settle-plan.ts';
import { RunRecorder } from './recorder.ts';
import { CHANGES_STEPS, checkSameMusic } from './resume.ts';
import { roundsEngineMaker } from './rounds-machines.ts';
import { describeRounds } from './rounds-plan.ts';
import { RoundsRecord, summarizeRounds, type RoundsSummary } from './rounds-record.ts';
import { writeRunConfig } from './run-config.ts';
import type { TrainingPlan } from './training-plan.ts';
import type { RunWatch } from './watch.ts';

/** A run whose training has ended by itself. */
export interface TrainedRun {
  plan: TrainingPlan;
  /** What of it was chosen, and why. */
  why: readonly string[];
  paths: RunPaths;
  corpus: Corpus;
  data: PreparedData;
  result: TrainingResult;
  engineName: string;
  /** Seconds of training, of earlier sessions too. */
  seconds: number;
  /** What the rounds came to, where several machines trained it. */
  rounds?: RoundsSummary;
}

/**
 * Trains: prepares the music that was read, says what it found, opens the run folder, and trains until the epochs are done or early stopping
 * ends it. Nothing is written before the first step is certain to be taken.
 *
 * @param also what else is told about the training
 * @throws InterruptedError after saving; DivergedError, with the weights before the step saved; DataError, FileError
 */
export async function runTraining(
  { plan, corpus, why }: SettledPlan,
  terminal: Terminal,
  also?: TrainerCallbacks,
): Promise<TrainedRun> {
  const signal = terminal.interrupts('stopping');
  const { settings, preset, backend, threads, from, fromPath, resumed } = plan;
  const data = await slowly({ what: 'making the music ready', signal }, terminal, (inTurns) =>
    prepareDataInTurns(corpus, settings, { codec: from?.codec, ...inTurns }),
  );
  await leaveIfAsked(signal);
  const paths = runPaths(plan.out);
  const log = new LogFile(paths.log);
  const recorder = new RunRecorder({
    ...plan,
    terminal,
    paths,
    log,
    heads: data.spec.heads.map(({ name }) => name),
    seed: settings.seed,
  });
  const choice = {
    backend,
    threads,
    gpuKnowledge: readGpuKnowledge(plan.cacheDir),
    onFallback: (why: string) => {
      terminal.warn(
        `Training without the GPU: ${why.replace(/\.$/, '')}. Measure again with "etude bench --crossover".`,
      );
    },
  };
  let watch: RunWatch | undefined;
  const resumes = resumed?.checkpoint !== undefined;
  const rounds = plan.rounds && new RoundsRecord(plan.rounds, { log, recorder, terminal, goesOn: resumes });
  const callbacks = alsoWatching(recorder, () => watch, rounds ?? also);
  const makeEngine = rounds && roundsEngineMaker({ plan, corpus, data, onRound: rounds.onRound }, terminal);
  const what = `making the initial weights of ${listOf(settings.hiddenSize).map(formatCount).join(', ')} units`;
  const { engine, trainer, extra } = await slowly({ what, signal }, terminal, (inTurns) =>
    createTrainingRun(data, settings, preset, choice, callbacks, { resumes, from, fromPath, makeEngine, ...inTurns }),
  );
  const { name: engineName } = engine;
  try {
    let jump: RateJump | undefined;
    if (resumed?.checkpoint) {
      checkSameMusic(resumed.checkpoint, { extra, spec: data.spec });
      jump = await trainer.resume(resumed.checkpoint, resumed);
    }
    await leaveIfAsked(signal);
    introduce({ plan, corpus, data, engineName, why }, terminal);
    if (jump && !resumed?.changed.includes('learningRate')) warnOfJump(jump, plan, terminal);
    openFolder({ plan, paths, log, corpus, data, extra, engineName });
    const step = resumed?.checkpoint?.training?.trainer.step ?? 0;
    if (plan.watch !== undefined) {
      // Most runs are not watched, and need not load what looks into a network.
      const { RunWatch } = await import('./watch.ts');
      watch = new RunWatch(paths.watch, plan.watch, data, engine, step);
    }
    terminal.interrupts('stopping; what was learned so far will be saved');
    const result = await trainer.run(signal, { until: plan.until });
    recorder.stop();
    log.append({ event: 'end', step: result.step, reason: result.reason });
    if (result.reason === 'interrupted') {
      if (terminal.json) terminal.printJson({ event: 'interrupted', step: result.step });
      throw interrupted(plan, result);
    }
    const lines = log.read();
    return {
      ...{ plan, why, paths, corpus, data, result, engineName, seconds: secondsOf(lines) },
      ...(plan.rounds && { rounds: summarizeRounds(lines) }),
    };
  } catch (thrown) {
    if (thrown instanceof DivergedError) logDivergence(log, thrown);
    throw thrown;
  } finally {
    recorder.stop();
    await engine.dispose();
  }
}

/** Ctrl-C before the first step: nothing is there yet that could be saved. */
async function leaveIfAsked(signal: AbortSignal): Promise<void> {
  await setImmediate();
  if (signal.aborted)
    throw new InterruptedError('interrupted before the first step; nothing was written to the run folder.');
}

function logDivergence(log: LogFile, { step, epoch, learningRate, place, message }: DivergedError): void {
  // The step itself is not taken: the checkpoint stands before it.
  log.append({ event: 'diverged', step: step - 1, epoch, learningRate, place, message });
}

type Introduced = Pick<TrainedRun, 'plan' | 'why' | 'corpus' | 'data' | 'engineName'>;

/** The first lines: what will be trained on what. */
function introduce({ plan, corpus, data, engineName, why }: Introduced, terminal: Terminal): void {
  const { settings, resumed } = plan;
  const lines: [label: string, text: string][] = [
    ['Music', describeCorpus(corpus)],
    ...describeSplit(data, settings).map((text): [string, string] => ['', text]),
    ...why.map((text, k): [string, string] => [k === 0 ? 'Chosen' : '', text]),
    ['Model', describeModel(data, settings)],
    ...(plan.fromPath === undefined ? [] : [['From', plan.fromPath] as [string, string]]),
    ['Settings', describeSettings(plan)],
    ['Engine', engineName],
    ...describeRounds(plan.rounds).map((text, k): [string, string] => [k === 0 ? 'Machines' : '', text]),
  ];
  if (resumed) lines.push(['Resumed', describeResumption(resumed, settings)]);
  for (const [label, text] of lines) terminal.say(`${terminal.chatterColors.bold(label.padEnd(9))} ${text}`);
  if (plan.from && !resumed) warnOfKnown(plan.from, data, terminal);
  const before = resumed?.checkpoint?.training?.engineName;
  if (before !== undefined && before !== engineName) {
    terminal.warn(
      `The run was begun with the engine "${before}"; with another one the last bits of its numbers can differ.`,
    );
  }
}

/** What the model was trained on it knows, though it is held back now. */
function warnOfKnown(from: MusicModel, { validationPieces }: PreparedData, terminal: Terminal): void {
  const known = countTrained(from, validationPieces);
  if (known === 0) return;
  terminal.warn(
    `The model was trained on ${known} of the ${counted(validationPieces.length, 'validation piece')}: the validation loss will be lower than on unseen music.`,
  );
}

/** A later end stretches a cosine or a line, and a rate that had come down goes up again. */
function warnOfJump({ before, after }: RateJump, plan: TrainingPlan, terminal: Terminal): void {
  const { settings, resumed } = plan;
  const { schedule, epochs, maxSteps, minutes } = settings;
  const ends = [
    ...(epochs === null ? [] : [counted(epochs, 'epoch')]),
    ...(maxSteps === null ? [] : [counted(maxSteps, 'step')]),
  ];
  const span = minutes === null ? ends.join(' or ') : counted(minutes, 'minute');
  const changed = resumed?.changed.filter((key) => ENDS.includes(key)) ?? [];
  const again = changed.map((key) => ` ${flagName(key)} ${settingText(key, settings)}`).join('');
  terminal.warn(
    `The learning rate jumps from ${formatRate(before)} to ${formatRate(after)}, because the ${SHAPES[schedule]} now spans ${span}. ` +
      `To continue from the current rate instead: ` +
      `${resumeCommand(plan)}${again} --schedule-from here --learning-rate ${formatRate(before)}`,
  );
}

/** The settings that say where a run ends. */
const ENDS: readonly SettingKey[] = ['epochs', 'maxSteps', 'minutes'];

const SHAPES: Partial<Record<Settings['schedule'], string>> = { cosine: 'cosine', linear: 'line' };

function formatRate(rate: number): string {
  return String(Number(rate.toPrecision(2)));
}

/** The preset, and what was changed of it. */
export function describeSettings({ preset, settings }: Pick<TrainingPlan, 'preset' | 'settings'>): string {
  const changes = echoSettings(preset, settings);
  return `preset ${preset}${changes === '' ? '' : `, changed by ${changes}`}`;
}

export function describeModel({ spec }: Pick<PreparedData, 'spec'>, { cell, layers, hiddenSize }: Settings): string {
  const { title } = CELLS[cell];
  const heads = spec.heads.map((head) => `${head.name} (${head.kind === 'categorical' ? head.size : 'a number'})`);
  return (
    `${counted(parameterCount(spec), 'parameter')}: ${layers === 1 ? title : `${layers} layers of ${title}`} of ${listOf(hiddenSize).join(' and ')}, ` +
    `heads ${heads.join(', ')}`
  );
}

function describeResumption({ checkpoint, changed }: NonNullable<TrainingPlan['resumed']>, settings: Settings): string {
  const state = checkpoint?.training?.trainer;
  if (!state) return 'from the beginning: nothing had been saved yet';
  const where = `after step ${formatCount(state.step)}, in epoch ${state.epoch + 1}`;
  const now = changed.map((key) => `${flagName(key)} ${settingText(key, settings)}`).join(' ');
  const otherwise = changed.some((key) => CHANGES_STEPS.includes(key)) ? ', unlike the run so far' : '';
  return where + (now === '' ? '' : `; from here on with ${now}${otherwise}`);
}

interface Opening extends Omit<Introduced, 'why'> {
  paths: RunPaths;
  log: LogFile;
  extra: MusicExtra;
}

/** Makes the folder ready: an old run goes, or the log goes back to where the checkpoint stands. */
function openFolder({ plan, paths, log, corpus, data, extra, engineName }: Opening): void {
  const { resumed, settings, preset, backend, threads, sources, sampleNotes } = plan;
  if (!resumed) clearRun(paths);
  createRunFolder(plan.out);
  const record = ({ path, table, digest }: Corpus['pieces'][number]) => ({ path, notes: table.length, digest });
  writeRunConfig(paths.config, {
    etude: etudeVersion(),
    node: process.version,
    preset,
    // How time is counted has been settled by now.
    settings: { ...settings, time: data.time },
    ...(extra.from && { from: { path: extra.from.path ?? '', digest: extra.from.digest } }),
    data: {
      sources: [...sources],
      splitBy: data.splitBy,
      train: data.trainPieces.map(record),
      validation: data.validationPieces.map(record),
      leftOut: {
        skipped: [...corpus.skipped],
        duplicates: [...corpus.duplicates],
        missing: [...corpus.missing],
      },
    },
    engine: { backend, threads, name: engineName },
    ...(plan.rounds && { rounds: plan.rounds.settings }),
    parameters: parameterCount(data.spec),
    sampleNotes,
  });
  const step = restoreLog(log, resumed?.checkpoint);
  const time = new Date().toISOString();
  log.append({ event: resumed ? 'resume' : 'begin', step, time, etude: etudeVersion(), engine: engineName });
}

/**
 * Takes the log back to a checkpoint: lines of later steps go, and epochs that were finished but not yet logged are added.
 * @returns the steps taken
 */
function restoreLog(log: LogFile, checkpoint: Checkpoint | undefined): number {
  const state = checkpoint?.training?.trainer;
  const kept = log.truncateAfter(state ? state.step : -1);
  const logged = new Set(kept.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch));
  const missing = (state?.history ?? []).filter(({ epoch }) => !logged.has(epoch));
  for (const record of missing) log.append({ event: 'epoch', ...record });
  return state?.step ?? 0;
}

/** Removes the files of an earlier run, and nothing that is not ours. */
function clearRun(paths: RunPaths): void {
  for (const key of Object.keys(RUN_FILES) as (keyof typeof RUN_FILES)[]) {
    if (key !== 'samples') rmSync(paths[key], { force: true });
  }
  for (const name of samplesIn(paths.samples)) rmSync(join(paths.samples, name), { force: true });
}

function samplesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^epoch-\d+\.mid$/.test(name));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw outputError(folder, thrown, 0);
  }
}

function interrupted(plan: TrainingPlan, { step, history }: TrainingResult): InterruptedError {
  const model =
    history.length > 0
      ? ` What it has learned can be heard with: etude generate ${quoted(plan.out)} --out new.mid`
      : '';
  return new InterruptedError(
    `interrupted after step ${formatCount(step)}; everything is saved. Go on with: ${resumeCommand(plan)}.${model}`,
  );
}

/** The command line that goes on with a run. */
export function resumeCommand({ out }: Pick<TrainingPlan, 'out'>): string {
  return `etude train --out ${quoted(out)} --resume`;
}

/** The time that the log's epochs took. */
function secondsOf(lines: readonly LogEntry[]): number {
  const epochs = lines.filter((entry): entry is typeof entry & EpochRecord => entry.event === 'epoch');
  return epochs.reduce((sum, { seconds }) => sum + (typeof seconds === 'number' ? seconds : 0), 0);
}
