/**
 * The words, help and options of the command that compares runs; see command-table.ts.
 *
 * @module
 */
import { defineCommand } from './command.ts';
import { COMMON, FORCE } from './options.ts';
import { outFile } from './output-kinds.ts';

export const runs = defineCommand({
  name: 'runs',
  summary: 'compare training runs: which is best, how they learned, where they differ',
  description:
    'Lists run folders of "etude train", the best first, with the settings in which they differ; runs that are still training too. Losses ' +
    'are compared only between runs that hold out the same music and encode it in the same way; others get a table of their own. A folder that ' +
    'holds run folders stands for all of them.\n\n' +
    'With --json: groups of runs that can be compared, each with runs (path, preset, settings, parameters, engine, step, seconds, ended, best, history), ' +
    'validated and differing.',
  args: [{ name: 'folders', required: true, variadic: true, help: 'run folders, or folders of run folders' }],
  options: {
    out: outFile('page', 'also write a page with the learning curves over each other, or with the extension .json the numbers'),
    force: { ...FORCE, needs: ['out'] },
    ...COMMON,
  },
  examples: [
    ['etude runs runs', 'all runs in the folder runs'],
    ['etude runs runs/first runs/second --out compared.html', 'two runs, as a page'],
  ],
}); // prettier-ignore
