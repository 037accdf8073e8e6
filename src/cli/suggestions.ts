import type { CommandSpec } from './command.ts';
import { flagName, nearest } from './options.ts';

/** What other programs call our options. Of several the first that the command has is meant. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  lr: ['learning-rate'],
  rate: ['learning-rate', 'sample-rate'],
  alpha: ['learning-rate'],
  'step-size': ['learning-rate'],
  batch: ['batch-size'],
  bs: ['batch-size'],
  hidden: ['hidden-size'],
  units: ['hidden-size'],
  'hidden-units': ['hidden-size'],
  'num-units': ['hidden-size'],
  'rnn-size': ['hidden-size'],
  'lstm-size': ['hidden-size'],
  neurons: ['hidden-size'],
  'num-layers': ['layers'],
  depth: ['layers'],
  'dropout-rate': ['dropout'],
  'drop-rate': ['dropout'],
  'keep-prob': ['dropout'],
  'seq-len': ['seq-length'],
  'sequence-length': ['seq-length'],
  window: ['seq-length', 'windows'],
  context: ['seq-length'],
  'block-size': ['seq-length'],
  'num-epochs': ['epochs'],
  iterations: ['max-steps', 'steps'],
  iters: ['max-steps', 'steps'],
  steps: ['max-steps'],
  'early-stopping': ['patience'],
  opt: ['optimizer'],
  optim: ['optimizer'],
  wd: ['weight-decay'],
  decay: ['weight-decay', 'ema'],
  'ema-decay': ['ema'],
  'accumulate-grad-batches': ['accumulate'],
  stateful: ['carry-state'],
  tbptt: ['carry-state'],
  'freeze-layers': ['freeze'],
  'gradient-accumulation-steps': ['accumulate'],
  clipvalue: ['clip-value'],
  'grad-clip': ['clip', 'clip-value'],
  'gradient-clip': ['clip'],
  'clip-norm': ['clip'],
  clipnorm: ['clip'],
  'max-grad-norm': ['clip'],
  scheduler: ['schedule'],
  'lr-schedule': ['schedule'],
  'val-split': ['validation', 'split'],
  'validation-split': ['validation', 'split'],
  'save-every': ['checkpoint-every'],
  continue: ['resume'],
  temp: ['temperature'],
  nucleus: ['top-p'],
  topk: ['top-k'],
  topp: ['top-p'],
  prompt: ['primer'],
  prime: ['primer'],
  length: ['notes', 'seconds'],
  'num-notes': ['notes'],
  n: ['notes', 'files'],
  output: ['out'],
  'output-dir': ['out'],
  outdir: ['out'],
  outfile: ['out'],
  page: ['out'],
  html: ['out'],
  overwrite: ['force'],
  f: ['force'],
  yes: ['force'],
  program: ['instrument'],
  track: ['instrument'],
  'random-seed': ['seed'],
  device: ['backend'],
  gpu: ['backend'],
  cpu: ['backend'],
  jobs: ['threads'],
  workers: ['threads'],
  'num-workers': ['threads'],
  sf2: ['soundfont'],
  'sound-font': ['soundfont'],
  audio: ['wav', 'listen'],
  play: ['listen', 'wav'],
  verbose: [],
  silent: ['quiet'],
  'cache-dir': ['cache'],
};

/** The option that a word was probably meant to be: one of another program, a spelling near ours, or the beginning of one. */
export function meantFlag(word: string, command: CommandSpec): string | undefined {
  const flags = [...Object.keys(command.options).map((key) => flagName(key).slice(2)), 'help'];
  const name = kebab(word);
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name].find((flag) => flags.includes(flag)) : undefined;
  if (alias !== undefined) return `--${alias}`;
  if (flags.includes(name)) return `--${name}`;
  const begins = name.length >= 3 ? flags.filter((flag) => flag.startsWith(name)) : [];
  const found = begins.length === 1 ? begins[0] : nearest(name, flags);
  return found === undefined ? undefined : `--${found}`;
}

/** The other commands that have an option. */
export function commandsWith(word: string, commands: readonly CommandSpec[]): string[] {
  const name = `--${kebab(word)}`;
  return commands
    .filter(({ options }) => Object.keys(options).some((key) => flagName(key) === name))
    .map((c) => c.name);
}

/** The command that a word was probably meant to be. */
export function meantCommand(word: string, commands: readonly CommandSpec[]): string | undefined {
  return nearest(word, [...commands.map(({ name }) => name), 'help']);
}

/** `--learningRate=3` and `learning_rate` are written `learning-rate`. */
function kebab(word: string): string {
  return word
    .replace(/^-+/, '')
    .replace(/=.*$/s, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/_/g, '-')
    .toLowerCase();
}
