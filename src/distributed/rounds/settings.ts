import { UsageError } from '../../errors.ts';
import { boundsInWords, isWithin, type Bounds } from '../../text/words.ts';
import { DIFFERENCE_KINDS, type DifferenceKind } from './difference.ts';

/** How several machines train one model together: local SGD with an outer step (DiLoCo, Douillard et al. 2023, arXiv:2311.08105). */
export interface RoundSettings {
  /** How many there are. */
  machines: number;
  /**
   * Training steps that each of them takes in a round. With 1 a machine gives the gradient of a batch, and the step is the run's own
   * optimizer on their mean: synchronous data parallel training. With more it gives by how much its weights have changed.
   */
  innerSteps: number;
  /** The step size and the Nesterov momentum of the outer step, where there is one: with more than one inner step. */
  outerLearningRate: number;
  outerMomentum: number;
  /** How precisely what the machines found travels. */
  differences: DifferenceKind;
}

/**
 * What was best for a few dozen rounds, which is what music has (bench/distributed): the paper's 0.7 and 0.9 are for hundreds, and overshoot in
 * fewer.
 */
export const ROUND_DEFAULTS: Omit<RoundSettings, 'machines'> = {
  innerSteps: 50,
  outerLearningRate: 0.9,
  outerMomentum: 0.5,
  differences: 'float32',
};

/** After so many seconds a round ends with half of its machines, unless something else is asked for. */
export const PATIENCE_SECONDS = 60;

/** What the numbers may be; the first two are whole. */
export const ROUND_BOUNDS = {
  machines: { min: 1, max: 1024 },
  innerSteps: { min: 1, max: 1_000_000 },
  outerLearningRate: { above: 0, max: 10 },
  outerMomentum: { min: 0, below: 1 },
} as const satisfies Partial<Record<keyof RoundSettings, Bounds>>;

const WHOLE: readonly string[] = ['machines', 'innerSteps'] satisfies (keyof RoundSettings)[];

/**
 * Checks settings from anywhere.
 * @throws UsageError that names the first which makes no sense
 */
export function parseRoundSettings(json: unknown): RoundSettings {
  if (typeof json !== 'object' || json === null) throw new UsageError('rounds: expected an object.');
  const given = json as Record<string, unknown>;
  for (const [name, bounds] of Object.entries<Bounds>(ROUND_BOUNDS)) {
    const value = given[name];
    const isWhole = WHOLE.includes(name);
    if (typeof value === 'number' && isWithin(value, bounds) && (!isWhole || Number.isInteger(value))) continue;
    throw new UsageError(`${name}: expected a ${isWhole ? 'whole ' : ''}number ${boundsInWords(bounds)}, got ${JSON.stringify(value) ?? 'nothing'}.`); // prettier-ignore
  }
  const { machines, innerSteps, outerLearningRate, outerMomentum, differences } = given as unknown as RoundSettings;
  if (!DIFFERENCE_KINDS.includes(differences)) {
    throw new UsageError(`differences: expected ${DIFFERENCE_KINDS.join(' or ')}, got ${JSON.stringify(differences) ?? 'nothing'}.`); // prettier-ignore
  }
  return { machines, innerSteps, outerLearningRate, outerMomentum, differences };
}
