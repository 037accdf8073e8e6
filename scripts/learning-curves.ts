import { lineChart } from '../src/plot/index.ts';

/** One epoch of a run as its log has it. */
interface EpochLine {
  event: string;
  step: number;
  loss: number;
  losses: Record<string, number>;
  validation: { loss: number; losses: Record<string, number> } | null;
}

/** What is kept of a run: how it was made, and its curve. */
export interface LearningRun {
  preset: string;
  settings: Record<string, unknown>;
  engine: string;
  epochs: { step: number; loss: number; pitch: number; validationLoss: number; validationPitch: number }[];
}

/** Reads a run folder's config.json and log.jsonl, already loaded as text. */
export function readRun(config: string, log: string): LearningRun {
  const { preset, settings, engine } = JSON.parse(config) as LearningRun;
  const epochs = log
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(text) as EpochLine)
    .filter(({ event }) => event === 'epoch')
    .map(({ step, loss, losses, validation }) => ({
      step,
      loss,
      pitch: losses.pitch,
      validationLoss: validation!.loss,
      validationPitch: validation!.losses.pitch,
    }));
  return { preset, settings, engine, epochs };
}

/** Where the one preset overtakes the other: the best of `slow`, and the first step at which `fast` is below it. */
export function overtaking(slow: LearningRun, fast: LearningRun) {
  const best = slow.epochs.reduce((a, b) => (b.validationPitch < a.validationPitch ? b : a));
  const passed = fast.epochs.find(({ validationPitch }) => validationPitch < best.validationPitch);
  return { best: { step: best.step, pitch: best.validationPitch }, passedAt: passed?.step ?? null };
}

/** Both curves of the validation pitch loss over training steps. */
export function learningCurves(runs: readonly LearningRun[]): string {
  return lineChart({
    title: 'Validation loss of pitch, 10 pieces of MAESTRO',
    xLabel: 'training steps',
    yLabel: 'nats a note',
    series: runs.map(({ preset, epochs }) => ({
      name: `preset ${preset}`,
      points: epochs.map(({ step, validationPitch }) => [step, validationPitch] as const),
    })),
  });
}
