import { DIFFERENCE_KINDS } from '../distributed/rounds/difference.ts';
import { PATIENCE_SECONDS, ROUND_BOUNDS, ROUND_DEFAULTS } from '../distributed/rounds/settings.ts';
import { DEFAULT_PREFIX } from '../distributed/redis/names.ts';
import { choice, needing, number, text, under, whole, type OptionTable } from './options.ts';

const { innerSteps, outerLearningRate, outerMomentum, differences } = ROUND_DEFAULTS;

/** What a run is begun with, and goes on with. */
function whenNew<Table extends OptionTable>(options: Table): Table {
  const excludes = { resume: 'a run goes on with the machines that it was begun with' };
  return Object.fromEntries(
    Object.entries(options).map(([key, option]) => [key, { ...option, excludes }]),
  ) as unknown as Table;
}

/** How several machines train one model. */
export const ROUNDS = under('Several machines:', {
  ...whenNew({
    machines: whole({
      ...ROUND_BOUNDS.machines,
      help: 'train one model on N machines in rounds, by local SGD with an outer step (DiLoCo): workers at --redis, or without it this process, one after the other, to study what rounds do',
    }),
    ...needing(['machines'], {
      innerSteps: whole({
        ...ROUND_BOUNDS.innerSteps,
        help: `training steps of each machine in a round; 1 averages gradients instead of weights (default: ${innerSteps})`,
      }),
      outerLearningRate: number({
        ...ROUND_BOUNDS.outerLearningRate,
        help: `step size of the outer step (default: ${outerLearningRate})`,
      }),
      outerMomentum: number({
        ...ROUND_BOUNDS.outerMomentum,
        help: `Nesterov momentum of the outer step (default: ${outerMomentum})`,
      }),
      differences: choice(DIFFERENCE_KINDS, {
        help: `how precisely what the machines found travels; float16 halves the bytes (default: ${differences})`,
      }),
    }),
  }),
  redis: {
    ...text({ value: 'url', help: 'the machines are workers that wait at this Redis, such as redis://HOST:6379; see "etude worker"' }),
    needs: ['machines', 'resume'],
  },
  ...needing(['redis'], {
    prefix: text({ value: 'name', help: `what all keys in Redis begin with (default: ${DEFAULT_PREFIX})` }),
    patienceSeconds: number({
      above: 0,
      max: 1e6,
      help: `end a round after X seconds with at least half of the machines; later results are dropped (default: ${PATIENCE_SECONDS})`,
    }),
  }),
}); // prettier-ignore
