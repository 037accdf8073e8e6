import { setImmediate } from 'node:timers/promises';
import { EtudeError } from '../../errors.ts';
import { evaluateModel, instrumentOf, midiOf, musicModel, type MusicModel } from '../../music/index.ts';
import { summarize, wholeJson } from '../../music/evaluation/results.ts';
import { reportPage } from '../../pages/report/report.ts';
import { noBetterThanNothing } from '../../music/evaluation/quality.ts';
import { counted } from '../../text/words.ts';
import type { PlayedFile } from '../audio-file.ts';
import { InterruptedError } from '../exit-codes.ts';
import { FileError, writeFileAtomic } from '../files.ts';
import { readCheckpoint } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import type { FinishedRun } from './finished-run.ts';
import { reportOf } from './run-report.ts';
import type { TrainedRun } from './run-training.ts';
import type { SampleLength } from './run-config.ts';
import { drawSample, type Sample } from './sample.ts';
import { perplexity } from './verdict.ts';
import { drawPiecesToCompare, fitRunMemory, readWholePieces, whatIsLeft } from './whole-pieces.ts';

/** As on a CD. */
const SAMPLE_RATE = 44_100;

/** How a finished run is to be heard. */
export interface FinishOptions {
  /** Also play the sample. */
  listen: boolean;
  soundfont?: string;
  /** Leaves the memory of the model as it is by default. */
  noFitMemory?: boolean;
}

/**
 * Fits the memory of a model that draws in an order, reads the model back as it was saved, evaluates it, draws the sample, and writes generated.mid, generated.wav and
 * report.html.
 * @throws NotFiniteError when the model is so bad that its evaluation overflows; FileError
 */
export async function finishRun(
  run: TrainedRun,
  { listen, soundfont, noFitMemory }: FinishOptions,
  terminal: Terminal,
): Promise<FinishedRun> {
  const { plan, paths, data } = run;
  if (!noFitMemory) await fitRunMemory(run, terminal);
  const model = musicModel(readCheckpoint(plan.out));
  const side = data.validation ? 'validation' : 'training';
  const pieces = data.validation ? data.validationPieces : data.trainPieces;
  const evaluation = await evaluateModel(model, pieces, plan, plan.settings.validationWindows);
  // Where it cannot be said, there is nothing to report.
  evaluation.heads.forEach(perplexity);
  const whole = await readWholePieces(run, model, terminal);
  await stopIfAsked(run, terminal);
  const sample = trySampling(model, plan.sampleNotes, terminal);
  const generated = sample && (await drawPiecesToCompare(run, model, terminal));
  const finished: FinishedRun = {
    ...run,
    model,
    evaluation,
    evaluatedOn: { side, music: evaluatedMusic(run) },
    whole,
    sample,
    generated,
  };
  if (sample) {
    const midi = midiOf(sample.notes, instrumentOf(model), sample.beats);
    writeFileAtomic(paths.generatedMidi, midi, { force: true });
    await stopIfAsked(run, terminal);
    if (listen) finished.audio = await tryPlaying(midi, paths.generatedAudio, soundfont, terminal);
  }
  writeFileAtomic(paths.report, reportPage(reportOf(finished)), { force: true });
  return finished;
}

/** Ctrl-C after the training: what is left can be made at any time. */
async function stopIfAsked({ plan }: TrainedRun, terminal: Terminal): Promise<void> {
  await setImmediate();
  if (!terminal.io.interrupts().aborted) return;
  throw new InterruptedError(`interrupted after the training; ${whatIsLeft(plan)}`);
}

/** A model whose music cannot be drawn has been trained all the same. */
function trySampling(model: MusicModel, length: SampleLength, terminal: Terminal): Sample | undefined {
  try {
    return length === null ? undefined : drawSample(model, length);
  } catch (thrown) {
    if (!(thrown instanceof EtudeError)) throw thrown;
    terminal.warn(`Could not generate a sample: ${thrown.message}`);
    return undefined;
  }
}

async function tryPlaying(
  midi: Uint8Array,
  out: string,
  soundfont: string | undefined,
  terminal: Terminal,
): Promise<PlayedFile | undefined> {
  terminal.say('Playing the sample …');
  try {
    const { playIntoFile } = await import('../audio-file.ts');
    return await playIntoFile(midi, { sampleRate: SAMPLE_RATE, soundfont }, (wav) =>
      writeFileAtomic(out, wav, { force: true }),
    );
  } catch (thrown) {
    if (!(thrown instanceof EtudeError) || thrown instanceof FileError) throw thrown;
    terminal.warn(`Could not render the sample: ${thrown.message}`);
    return undefined;
  }
}

function evaluatedMusic({ data }: TrainedRun): string {
  if (!data.validation) return 'of the music that it was trained on (nothing was held back)';
  if (data.splitBy === 'end of each piece') return 'in the end of the piece, which it was not trained on';
  return `in ${counted(data.validationPieces.length, 'piece')} that it was not trained on`;
}

/** The last line of --json. */
export function summaryOf(run: FinishedRun): Record<string, unknown> {
  const { plan, paths, result, engineName, seconds, evaluation, evaluatedOn, whole, sample, generated, audio, rounds } =
    run;
  return {
    event: 'summary',
    out: plan.out,
    preset: plan.preset,
    engine: engineName,
    reason: result.reason,
    epochs: result.history.length,
    steps: result.step,
    seconds,
    ...(rounds && { rounds }),
    best: result.best,
    evaluation: {
      on: evaluatedOn.side,
      windows: evaluation.windows,
      loss: evaluation.loss,
      heads: evaluation.heads.map((head) => ({ ...head, perplexity: perplexity(head) })),
      noBetterThanNothing: noBetterThanNothing(evaluation.heads).map(({ name }) => name),
      note: evaluation.note,
      whole: whole ? wholeJson({ ...whole, recall: 1 }) : null,
    },
    sample: sample
      ? { notes: sample.notes.length, seed: sample.seed, primer: sample.primer, analysis: sample.analysis }
      : null,
    generated: generated ? { pieces: generated.pieces.length, ...summarize(generated.comparison) } : null,
    files: {
      model: result.best ? paths.best : paths.last,
      last: paths.last,
      log: paths.log,
      report: paths.report,
      midi: sample ? paths.generatedMidi : null,
      audio: audio ? paths.generatedAudio : null,
    },
  };
}
