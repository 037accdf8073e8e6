import type { HeadEvaluation } from '../../music/index.ts';
import { headName } from '../../music/head-words.ts';
import type { EpochRecord } from '../../nn/index.ts';
import { lineChart, type Mark, type Series } from '../../plot/index.ts';

/** The size of pictures that stand side by side. */
export const HALF = { width: 560, height: 340 } as const;

/** The curve of the whole loss, and one of each head with that of the frequencies of the training pieces. */
export function lossCharts(
  history: readonly EpochRecord[],
  bestEpoch: number | null,
  heads: readonly HeadEvaluation[],
): string[] {
  if (history.length === 0) return [];
  const marks: Mark[] = bestEpoch === null ? [] : [{ x: bestEpoch, label: 'kept' }];
  const whole = lineChart({
    title: 'Loss',
    xLabel: 'epoch',
    yLabel: 'weighted sum',
    series: curves(history, ({ loss }) => loss, ({ loss }) => loss), // prettier-ignore
    marks,
    ...HALF,
  });
  const each = Object.keys(history[0].losses).map((name) => {
    const evaluation = heads.find((head) => head.name === name);
    const ofHead = ({ losses }: { losses: Record<string, number> }): number => losses[name];
    return lineChart({
      title: `Loss of ${headName(name)}`,
      xLabel: 'epoch',
      yLabel: evaluation?.unit ?? 'loss',
      series: [...curves(history, ofHead, ofHead), ...baseline(history, evaluation)],
      marks,
      ...HALF,
    });
  });
  return [whole, ...each];
}

/** How fast it learned: learning rate and gradient norm over the epochs. */
export function trainingCharts(history: readonly EpochRecord[]): string[] {
  if (history.length < 2) return [];
  const chart = (title: string, yLabel: string, value: (record: EpochRecord) => number): string =>
    lineChart({
      title,
      xLabel: 'epoch',
      yLabel,
      series: [{ name: yLabel, points: history.map((record) => [record.epoch, value(record)] as const) }],
      ...HALF,
    });
  return [
    chart('Learning rate', 'learning rate', ({ learningRate }) => learningRate),
    chart('Gradient', 'mean norm before clipping', ({ gradientNorm }) => gradientNorm),
  ];
}

type Losses = Pick<EpochRecord, 'loss' | 'losses'>;

function curves(
  history: readonly EpochRecord[],
  trained: (record: Losses) => number,
  validated: (record: Losses) => number,
): Series[] {
  const training: Series = {
    name: 'training',
    points: history.map((record) => [record.epoch, trained(record)] as const),
  };
  if (history.every(({ validation }) => validation === null)) return [training];
  const points = history.map(({ epoch, validation }) => [epoch, validation ? validated(validation) : NaN] as const);
  return [training, { name: 'validation', points }];
}

function baseline(history: readonly EpochRecord[], evaluation: HeadEvaluation | undefined): Series[] {
  const loss = evaluation?.baseline ?? NaN;
  if (!Number.isFinite(loss)) return [];
  const ends = [history[0].epoch, history[history.length - 1].epoch];
  return [{ name: 'baseline', points: ends.map((epoch) => [epoch, loss] as const), dashed: true }];
}
