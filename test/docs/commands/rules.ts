import type { ReadLine } from './synopsis.ts';
import { TINY_TRAINING } from './workspace.ts';

/** What makes a command of etude short, added behind what is printed; a command without a rule is a mistake. */
export function shortening({ command, words, options }: ReadLine): string {
  const rule = ETUDE[command.name];
  if (rule === undefined) throw new Error(`no rule makes "etude ${command.name}" short: add one to test/docs/commands/rules.ts`); // prettier-ignore
  return typeof rule === 'string' ? rule : rule(words, options);
}

/**
 * Why a command is not run here; undefined for one that is. What is left out has tests of its own with servers on the loopback:
 * test/cli/data and test/cli/commands/data.
 */
export function whyLeftOut({ command, words, options }: ReadLine): string | undefined {
  // test/distributed/redis starts a Redis of its own.
  if (command.name === 'worker' || options.has('redis')) return 'it needs a Redis';
  return command.name === 'data' && words[0] !== 'list' ? 'it fetches from the internet' : undefined;
}

/** Runs of a sweep. */
export const SHORT_RUNS = '--preset quick --steps-per-epoch 3 --validation-windows 50';

type Rule = string | ((words: readonly string[], options: ReadonlyMap<string, string | true>) => string);

const ETUDE: Readonly<Record<string, Rule>> = {
  demo: '--epochs 1 --max-steps 3',
  data: '',
  // What is resumed is short already, and is what it is.
  train: (_, options) => (options.has('resume') ? '' : TINY_TRAINING),
  generate: '--notes 12',
  listen: '--seconds 2',
  studio: '--no-open',
  evaluate: (_, options) => {
    const whole = options.has('recall') || options.has('pieces');
    return `${whole ? '--notes 20' : '--windows 20'}${options.has('generate') ? ' --generate 2 --notes-each 12' : ''}`;
  },
  // Whether units of a model that learned nothing are on at a place is chance, unless they are named.
  study: (_, options) =>
    [options.has('match') && !options.has('units') ? '--units 1,2' : '', options.has('serve') ? '--no-open' : '']
      .join(' ')
      .trim(),
  export: '',
  import: '',
  inspect: '',
  runs: '',
  worker: '',
  // What is resumed is short already.
  sweep: (_, options) =>
    options.has('resume') ? '' : options.get('method') === 'asha' ? `${SHORT_RUNS} --runs 4 --reduction 2 --least-steps 2 --most-steps 4` : `${SHORT_RUNS} --runs 2 --epochs 1`, // prettier-ignore
  summary: '',
  gradcheck: '--samples 1',
  bench: ([what = ''], options) => {
    const key = options.has('crossover')
      ? 'crossover'
      : what === '' && options.get('backend') === 'all'
        ? 'modes'
        : what;
    if (!Object.hasOwn(BENCHES, key)) throw new Error(`no rule makes "etude bench ${key}" short: add one to test/docs/commands/rules.ts`); // prettier-ignore
    return BENCHES[key](options.has('only'));
  },
};

const SMALL = '--hidden-size 8 --layers 1 --seq-length 4 --batch-size 4';
const BENCHES: Readonly<Record<string, (only: boolean) => string>> = {
  kernels: (only) => `--seconds 0${only ? '' : ' --only 64x128x1'}`,
  train: () => `${SMALL} --steps 2`,
  generate: () => '--hidden-size 8 --layers 1 --seconds 0',
  load: () => '--rounds 1',
  epoch: () => '--files 2 --steps 2',
  scaling: () => '--seconds 0',
  memory: () => '--files 2 --steps 5',
  modes: () => `${SMALL} --seconds 0`,
  crossover: () => '--seconds 0',
};

/** test/examples.slow.ts and test/docs/lesson.slow.ts run these from beginning to end. */
const TESTED_APART = /^npm run (example:(characters|forecast|imported|names|own-loss|remember)\b|lesson -- --train$)/;

/** Commands of npm and scripts that are run as they are, with what is added to make them short. */
const SCRIPTS: readonly (readonly [line: RegExp, added: string])[] = [
  [/^npm run build(:generated)?$/, ''],
  [/^npm run songbook( -- --check)?$/, ''],
  [/^npm run lesson$/, ''],
  [/^npm run example:(sine|inside)( -- \w+)*$/, ''],
  [/^npm run example:page$/, ''],
  // Of a part with a short command, into a folder of its own.
  [/^npm run bench:record -- --data /, 'startup --once --short --out bench/short'],
  [/^npm run bench:record -- startup$/, '--once --short --out bench/shorter'],
  [/^npm run bench:pages$/, ''],
  // One of the engines, into the copy of the result file.
  [/^npm run features$/, '-- Deno'],
  [/^npm run bench:compare -- /, ''],
  [/^node scripts\/gpu-bundle\.mjs( --try)?$/, ''],
  [/^node scripts\/learning-curves\.mjs /, ''],
  [/^node scripts\/bench\.mjs interop\/(onnx|pytorch|keras|tfjs)$/, ''],
  [/^node scripts\/bench\.mjs distributed\/local-sgd$/, '--steps 40 --machines 2 --inner-steps 5'],
];

/**
 * What is added to a command of npm or a script.
 * @returns undefined for what .ci/run itself calls, and for what has a test of its own
 */
export function shorteningOfScript(line: string, calledByCi: readonly string[]): string | undefined {
  if (TESTED_APART.test(line) || calledByCi.some((called) => called === line || called.startsWith(`${line} `)))
    return undefined;
  const rule = SCRIPTS.find(([pattern]) => pattern.test(line));
  if (!rule) throw new Error(`nothing runs "${line}": add a rule to test/docs/commands/rules.ts, or a call to .ci/run`);
  return rule[1];
}

/** The words that a sentence leaves out of a command, since they are plain. */
export function completed(line: string, { command, words, options }: ReadLine): string {
  const resumes = options.has('resume');
  const missing = {
    train: [words.length > 0 || resumes ? '' : 'MUSIC', options.has('out') ? '' : '--out runs/new'],
    generate: [words.length > 0 ? '' : 'MODEL', options.has('out') ? '' : '--out new.mid'],
    sweep:
      resumes || words.length > 0 ? [] : ['MUSIC --space space.json', options.has('out') ? '' : '--out sweeps/new'],
    study: [words.length > 0 ? '' : 'MODEL SONG.mid'],
    listen: [words.length > 0 ? '' : 'FILE.mid'],
  }[command.name];
  return [line, ...(missing ?? [])].filter((part) => part !== '').join(' ');
}
