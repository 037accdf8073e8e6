import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { parseInstrumentChoice } from '../../midi/index.ts';
import { checkedCharset } from '../../midi/read/charset.ts';
import { resolveSettings } from '../../music/index.ts';
import { DivergedError } from '../../nn/index.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { ActionOf, Call } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { train as words } from '../model-commands-table.ts';
import { limitsOf } from '../reading-options.ts';
import { FileError } from '../files.ts';
import { checkRunFolder, hasModel, runPaths } from '../run-folder.ts';
import { givenSettings, overridesFrom } from '../setting-options.ts';
import type { Terminal } from '../terminal.ts';
import { finishRun, summaryOf } from '../train/finish-run.ts';
import { resumePoint } from '../train/resume.ts';
import { SAMPLE_NOTES } from '../train/run-config.ts';
import { resumeCommand, runTraining, type TrainingPlan } from '../train/run-training.ts';
import { sayResult } from '../train/say-result.ts';
import { watchedEvery } from '../train/watch.ts';

type TrainCall = Call<(typeof words)['options']>;

/** `etude train`: from a folder of music to a run folder with a model. */
export const train: ActionOf<typeof words> = async ({ args, options, terminal }) => {
  const plan = planOf({ args, options, terminal });
  return trainAndReport(plan, options, terminal);
};

/** Trains and finishes a run; a run that diverges is told with what to do about it. */
export async function trainAndReport(
  plan: TrainingPlan,
  { listen, soundfont }: { listen: boolean; soundfont?: string },
  terminal: Terminal,
): Promise<number> {
  try {
    const run = await finishRun(await runTraining(plan, terminal), { listen, soundfont }, terminal);
    sayResult(run, terminal);
    if (terminal.json) terminal.printJson(summaryOf(run));
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof DivergedError) return tellDivergence(thrown, plan, terminal);
    if (!(thrown instanceof FileError && hasModel(plan.out))) throw thrown;
    terminal.error(thrown.message);
    terminal.say(`What was saved before is whole. When there is room, go on with: ${resumeCommand(plan)}`);
    return EXIT.failure;
  }
}

function tellDivergence(thrown: DivergedError, plan: TrainingPlan, terminal: Terminal): number {
  const { message, learningRate, step, epoch, place } = thrown;
  terminal.error(message);
  terminal.say(`Go on more carefully with: ${resumeCommand(plan)} --learning-rate ${learningRate / 10}`);
  if (terminal.json) terminal.printJson({ event: 'diverged', step, epoch, place });
  return EXIT.diverged;
}

function planOf({ args, options, terminal }: TrainCall): TrainingPlan {
  const { out, resume, force, preset = 'quick', backend, threads, sampleNotes, noSample, scheduleFrom } = options;
  if (out === undefined)
    throw new UsageError('train: name the run folder to write with --out, for instance --out runs/first.');
  if (resume && force)
    throw new UsageError('train: --resume goes on with a run and --force replaces it; give one of them.');
  if (scheduleFrom === 'here' && !resume) {
    throw new UsageError('train: --schedule-from here says how a run goes on; give it with --resume.');
  }
  const texts = givenSettings(options);
  const common = {
    out,
    cacheDir: cacheFolder(options.cache, terminal.io.env),
    limits: limitsOf(options),
  };
  const sources = args.map((source) => resolve(source));
  if (resume) {
    const request = { out, preset: options.preset, texts, sources, scheduleFrom };
    const { checkpoint, changed, scheduleFrom: start, ...point } = resumePoint(request);
    const engine = { backend: backend ?? point.backend, threads: threads ?? point.threads };
    const drawn = noSample ? null : (sampleNotes ?? point.sampleNotes);
    const watch = options.watch ?? watchedEvery(runPaths(out).watch);
    return {
      ...point,
      ...common,
      ...engine,
      sampleNotes: drawn,
      watch,
      resumed: { checkpoint, changed, scheduleFrom: start },
    };
  }
  if (sources.length === 0) {
    throw new UsageError(
      'train: name the music to learn from: MIDI files, folders or patterns, for instance data/songbook.',
    );
  }
  const settings = resolveSettings(preset, overridesFrom(texts));
  parseInstrumentChoice(settings.instrument);
  checkedCharset(settings.charset ?? 'auto');
  checkRunFolder(out, { force });
  return {
    ...common,
    preset,
    settings,
    sources,
    backend: backend ?? 'auto',
    threads: threads ?? 'auto',
    sampleNotes: noSample ? null : (sampleNotes ?? SAMPLE_NOTES),
    watch: options.watch,
  };
}
