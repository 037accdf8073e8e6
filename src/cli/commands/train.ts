import { resolve } from 'node:path';
import { DataError, UsageError } from '../../errors.ts';
import { parseInstrumentChoice } from '../../midi/index.ts';
import { checkedCharset } from '../../midi/read/charset.ts';
import { AUTO, checkTogether, codingsOf, fineTuningSettings, openSettings, PRESETS, resolveSettings } from '../../music/index.ts'; // prettier-ignore
import { DivergedError } from '../../nn/index.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { train as words } from '../model-commands-table.ts';
import { limitsOf } from '../reading-options.ts';
import { FileError } from '../files.ts';
import { checkRunFolder, checkRunPlace, hasModel, modelFile, readMusicModel, runPaths } from '../run-folder.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import type { Terminal } from '../terminal.ts';
import { finishRun, summaryOf, type FinishOptions } from '../train/finish-run.ts';
import { holdRunFolder } from '../train/hold-folder.ts';
import { checkRounds, roundsPlan } from '../train/rounds-plan.ts';
import { checkResumable, resumePoint } from '../train/resume.ts';
import { resumeCommand, runTraining, type TrainedRun } from '../train/run-training.ts';
import { sayResult } from '../train/say-result.ts';
import { describeEnding } from '../train/verdict.ts';
import { settlePlan, type OpenPlan } from '../train/settle-plan.ts';
import { watchedEvery } from '../train/also-watching.ts';
import type { TrainingPlan } from '../train/training-plan.ts';

type TrainCall = Call<(typeof words)['options']>;

/** `etude train`: from a folder of music to a run folder with a model. */
export const train: ActionOf<typeof words> = async (call) => {
  const { options, terminal } = call;
  const out = checkCall(call);
  const begin = options.resume ? undefined : newPlan(out, call);
  checkRunPlace(out);
  if (options.resume) checkResumable(out);
  return holdRunFolder(out, terminal, () => {
    if (begin) checkRunFolder(out, options);
    return trainAndReport(begin ?? resumedPlan(out, call), options, terminal);
  });
};

/** Trains and finishes a run; a run that diverges is told with what to do about it. */
export async function trainAndReport(open: OpenPlan, finish: FinishOptions, terminal: Terminal): Promise<number> {
  const settled = await settlePlan(open, terminal);
  const { plan } = settled;
  try {
    const trained = await runTraining(settled, terminal);
    if (trained.result.reason === 'paused') return sayPaused(trained, terminal);
    const run = await finishRun(trained, finish, terminal);
    sayResult(run, terminal);
    if (terminal.json) terminal.printJson(summaryOf(run));
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof DivergedError) return tellDivergence(thrown, plan, terminal);
    if (!(thrown instanceof FileError && hasModel(plan.out))) throw thrown;
    terminal.error(thrown.message);
    terminal.say(`Everything saved so far is intact. Once there is room, continue with: ${resumeCommand(plan)}`);
    return EXIT.failure;
  }
}

/** A run that pauses has no sample and no report yet: it goes on. */
function sayPaused({ plan, result }: TrainedRun, terminal: Terminal): number {
  terminal.say(`${describeEnding(result)} Continue with: ${resumeCommand(plan)}`);
  if (terminal.json) terminal.printJson({ event: 'paused', step: result.step });
  return EXIT.ok;
}

function tellDivergence(thrown: DivergedError, plan: TrainingPlan, terminal: Terminal): number {
  const { message, learningRate, step, epoch, place } = thrown;
  terminal.error(message);
  // Ten times less of a rate that is a thousand times too large helps nobody.
  const careful = Number(Math.min(learningRate / 10, resolveSettings(plan.preset).learningRate).toPrecision(3));
  terminal.say(`Continue with a lower learning rate: ${resumeCommand(plan)} --learning-rate ${careful}`);
  if (terminal.json) terminal.printJson({ event: 'diverged', step, epoch, place });
  return EXIT.diverged;
}

/** What can be said of the words alone. @returns the run folder */
function checkCall({ args, options }: TrainCall): string {
  const { out, resume } = options;
  if (out === undefined)
    throw new UsageError('train: name the run folder to write with --out, for instance --out runs/first.');
  if (!resume && args.length === 0) {
    throw new UsageError(
      'train: name the music to learn from: MIDI files, folders or patterns, for instance data/songbook.',
    );
  }
  return out;
}

function newPlan(out: string, { args, options, terminal }: TrainCall): OpenPlan {
  const { backend = 'auto', threads = 'auto', sampleNotes = 'auto', noSample, watch } = options;
  const { settings, preset, ...rest } = newSettings(options);
  const rounds = roundsPlan(options);
  checkRounds({ rounds, backend, threads });
  codingsOf(settings);
  parseInstrumentChoice(settings.instrument);
  checkedCharset(settings.charset ?? 'auto');
  checkTogether(settings);
  return {
    out,
    cacheDir: cacheFolder(options.cache, terminal.io.env),
    limits: limitsOf(options),
    listLeftOut: options.listLeftOut,
    preset,
    settings,
    ...rest,
    sources: args.map((source) => resolve(source)),
    backend,
    threads,
    sampleNotes: noSample ? null : sampleNotes,
    watch,
    until: options.until,
    rounds,
  };
}

/** What is trained: a new network, or with --from a model on. */
function newSettings(
  options: TrainCall['options'],
): Pick<OpenPlan, 'settings' | 'preset' | 'given' | 'from' | 'fromPath'> {
  const { from: path } = options;
  const preset = options.preset === AUTO ? undefined : options.preset;
  const overrides = overridesFrom(givenSettings(options));
  if (path === undefined) {
    if (preset === undefined) return { preset: AUTO, given: overrides, settings: openSettings(overrides) };
    return { preset, settings: resolveSettings(preset, overrides) };
  }
  const from = readMusicModel(path);
  if (preset === undefined && !Object.hasOwn(PRESETS, from.preset)) {
    throw new DataError(
      `${path}: the model says that its preset is "${from.preset}", which this Etude does not know. Name one with --preset.`,
    );
  }
  const settings = fineTuningSettings(from, { preset, overrides });
  return { preset: preset ?? from.preset, settings, from, fromPath: resolve(modelFile(path)) };
}

/** Reads the run that is to go on; its folder must be held. */
function resumedPlan(out: string, { args, options, terminal }: TrainCall): TrainingPlan {
  const sources = args.map((source) => resolve(source));
  const { preset, scheduleFrom } = options;
  const request = {
    out,
    preset: preset === AUTO ? undefined : preset,
    texts: givenSettings(options),
    sources,
    scheduleFrom,
  };
  const { checkpoint, changed, scheduleFrom: start, rounds: recorded, ...point } = resumePoint(request);
  const { backend = point.backend, threads = point.threads } = options;
  const rounds = roundsPlan(options, recorded);
  checkRounds({ rounds, backend, threads });
  return {
    ...point,
    out,
    cacheDir: cacheFolder(options.cache, terminal.io.env),
    limits: limitsOf(options),
    listLeftOut: options.listLeftOut,
    backend,
    threads,
    rounds,
    sampleNotes: options.noSample ? null : (options.sampleNotes ?? point.sampleNotes),
    watch: options.watch ?? watchedEvery(runPaths(out).watch),
    until: options.until,
    resumed: { checkpoint, changed, scheduleFrom: start },
  };
}
