/**
 * The words, help and options of the command that trains many runs; see command-table.ts.
 *
 * @module
 */
import { PRESETS, type PresetName } from '../music/presets.ts';
import { BACKENDS } from '../tensor/backend-names.ts';
import { DEFAULT_PREFIX } from '../distributed/redis/names.ts';
import { defineCommand } from './command.ts';
import { LIST_LEFT_OUT } from './left-out.ts';
import { choice, COMMON, ENGINE, flag, number, outFolder, SEED, text, whole, type OptionTable } from './options.ts';
import { CACHE, LIMITS } from './reading-options.ts';
import { SETTING_OPTIONS } from './setting-options.ts';

const STEPS = { min: 1, max: 1e9 };

/** What is fixed when a sweep begins. */
function whenNew<Table extends OptionTable>(options: Table): Table {
  const excludes = { resume: 'a sweep goes on as it began' };
  return Object.fromEntries(
    Object.entries(options).map(([key, option]) => [key, { ...option, excludes }]),
  ) as unknown as Table;
}

/** All settings of a training, but those whose flags mean something of the sweep. */
const OWN = ['minutes', 'seed'];
const settings = Object.fromEntries(Object.entries(SETTING_OPTIONS).filter(([key]) => !OWN.includes(key))) as Omit<
  typeof SETTING_OPTIONS,
  'minutes' | 'seed'
>;

export const sweep = defineCommand({
  name: 'sweep',
  summary: 'train many runs with settings drawn from a space, and find the best',
  description:
    'Draws settings from a space in a JSON file, trains a run with each, several at once, and writes all of them into a folder: sweep.json, sweep.jsonl, ' +
    'a run folder of each in runs/, and the page sweep.html. The keys of the space are names of training flags; a value is fixed, a list of choices, or ' +
    'a range of numbers, linear or logarithmic. Settings that are not in the space are those of the flags, or of the preset.\n\n' +
    'Ctrl-C saves and stops; --resume continues, however the sweep ended, and trains no finished run again. ' +
    'With --json, each event is one object on its own line on stdout, and the last line is a summary; docs/distributed.md describes them.',
  args: [{ name: 'data', required: false, variadic: true, help: 'MIDI files, folders, patterns, or a MAESTRO folder; not needed with --resume' }],
  options: {
    out: outFolder('the folder of the sweep; must be new or empty (required)'),
    ...whenNew({
      space: text({ value: 'file', help: 'the space of settings, as JSON (required)' }),
      method: choice(['grid', 'random', 'asha'] as const, {
        help: 'grid: all combinations; random: draws; asha: draws, of which the better ones train on (successive halving) (default: random)',
      }),
    }),
    runs: whole({ min: 1, max: 100_000, help: 'how many runs to draw (default: 16; all of a grid, of which it takes the first N); with --resume more than before' }),
    minutes: number({ above: 0, max: 1e6, help: 'stop after N minutes; --resume continues' }),
    atOnce: {
      ...whole({ min: 1, max: 256, help: 'how many runs to train at once, each on one thread (default: one per core)' }),
      excludes: { redis: 'the workers there say how many they train' },
    },
    redis: text({ value: 'url', help: 'have the runs trained by the workers that wait at this Redis, such as redis://HOST:6379; see "etude worker"' }),
    prefix: { ...text({ value: 'name', help: `what all keys in Redis begin with (default: ${DEFAULT_PREFIX})` }), needs: ['redis'] },
    ...whenNew({
      reduction: whole({ min: 2, max: 100, help: 'asha: one run in N trains on to the next rung (default: 4)' }),
      leastSteps: whole({ ...STEPS, help: 'asha: the first rung, in training steps (default: a sixteenth of --most-steps)' }),
      mostSteps: whole({ ...STEPS, help: 'asha: the last rung, in training steps (default: 4,000)' }),
      seed: { ...SEED, default: undefined, because: undefined, help: 'seed for drawing the runs, and of each run unless the space says otherwise (default: 42)' },
    }),
    resume: flag('continue the sweep in --out'),
    ...whenNew({
      preset: choice(['auto', ...(Object.keys(PRESETS) as PresetName[])] as const, {
        help: 'the settings to start from (default: auto, which picks what suits the music and says why)',
      }),
      backend: choice(BACKENDS, { value: ENGINE.backend.value, help: `${ENGINE.backend.help} (default: auto, the fastest that runs here)` }),
    }),
    listLeftOut: LIST_LEFT_OUT,
    cache: CACHE,
    ...whenNew(LIMITS),
    ...COMMON,
    ...whenNew(settings),
  },
  examples: [
    ['etude sweep data/songbook --space space.json --out sweeps/first', '16 runs drawn at random'],
    ['etude sweep data/songbook --space space.json --out sweeps/halved --method asha --runs 64', 'most of them only begun'],
    ['etude sweep --out sweeps/first --resume', 'continues'],
    ['etude sweep --out sweeps/first --resume --redis redis://HOST', 'continues on other machines'],
  ],
}); // prettier-ignore
