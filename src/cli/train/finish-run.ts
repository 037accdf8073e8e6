import { evaluateModel, musicModel, type Evaluation, type MusicModel } from '../../music/index.ts';
import { playIntoFile, type PlayedFile } from '../audio-file.ts';
import { instrumentOf, midiOf } from '../draw-music.ts';
import { writeFileAtomic } from '../files.ts';
import { reportPage } from '../report/report.ts';
import { readCheckpoint } from '../run-folder.ts';
import type { Terminal } from '../terminal.ts';
import { plural } from './read-music.ts';
import { reportOf } from './run-report.ts';
import type { TrainedRun } from './run-training.ts';
import { drawSample, type Sample } from './sample.ts';
import { perplexity } from './verdict.ts';

/** As on a CD. */
const SAMPLE_RATE = 44_100;

/** What a run came to, after its training. */
export interface FinishedRun extends TrainedRun {
  model: MusicModel;
  evaluation: Evaluation;
  /** What was evaluated on, in words. */
  evaluatedOn: { side: 'validation' | 'training'; music: string };
  sample?: Sample;
  audio?: PlayedFile;
}

/** How a finished run is to be heard. */
export interface FinishOptions {
  /** Also play the sample. */
  listen: boolean;
  soundfont?: string;
}

/**
 * Reads the model back as it was saved, evaluates it, draws the sample, and writes generated.mid, generated.wav and
 * report.html.
 */
export async function finishRun(
  run: TrainedRun,
  { listen, soundfont }: FinishOptions,
  terminal: Terminal,
): Promise<FinishedRun> {
  const { plan, paths, data } = run;
  const model = musicModel(readCheckpoint(plan.out));
  const side = data.validation ? 'validation' : 'training';
  const pieces = data.validation ? data.validationPieces : data.trainPieces;
  const evaluation = await evaluateModel(model, pieces, plan, plan.settings.validationWindows);
  const sample = plan.sampleNotes === null ? undefined : drawSample(model, plan.sampleNotes);
  const finished: FinishedRun = {
    ...run,
    model,
    evaluation,
    evaluatedOn: { side, music: evaluatedMusic(run) },
    sample,
  };
  if (sample) {
    const midi = midiOf(sample.notes, instrumentOf(model));
    writeFileAtomic(paths.generatedMidi, midi, { force: true });
    if (listen) {
      terminal.say('Playing the sample …');
      const options = { sampleRate: SAMPLE_RATE, soundfont };
      finished.audio = await playIntoFile(midi, paths.generatedAudio, options, { force: true });
    }
  }
  writeFileAtomic(paths.report, reportPage(reportOf(finished)), { force: true });
  return finished;
}

function evaluatedMusic({ data }: TrainedRun): string {
  if (!data.validation) return 'of the music that it was trained on (nothing was held back)';
  if (data.splitBy === 'end of each piece') return 'in the end of the piece, which it was not trained on';
  return `in ${plural(data.validationPieces.length, 'piece')} that it was not trained on`;
}

/** The last line of --json. */
export function summaryOf(run: FinishedRun): Record<string, unknown> {
  const { plan, paths, result, engineName, seconds, evaluation, evaluatedOn, sample, audio } = run;
  return {
    event: 'summary',
    out: plan.out,
    preset: plan.preset,
    engine: engineName,
    reason: result.reason,
    epochs: result.history.length,
    steps: result.step,
    seconds,
    best: result.best,
    evaluation: {
      on: evaluatedOn.side,
      windows: evaluation.windows,
      loss: evaluation.loss,
      heads: evaluation.heads.map((head) => ({ ...head, perplexity: perplexity(head) })),
    },
    sample: sample
      ? { notes: sample.notes.length, seed: sample.seed, primer: sample.primer, analysis: sample.analysis }
      : null,
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
