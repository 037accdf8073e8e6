/**
 * The words, help and options of the command that serves the page; see command-table.ts.
 *
 * @module
 */
import { defineCommand } from './command.ts';
import { servingOptions } from './local-server/serving-options.ts';
import { COMMON } from './options.ts';
import { USUAL_PORT } from './studio/usual-port.ts';

export const studio = defineCommand({
  name: 'studio',
  summary: 'train a network in the browser, look inside it and play with it',
  description:
    'Serves a page to this machine and opens the browser: drop music on the page, watch the gates and gradients of a ' +
    'network as it learns, and let it play. Everything happens in the page; nothing leaves this machine. Ctrl-C ends it.',
  args: [{ name: 'model', required: false, help: 'a run folder or a checkpoint file to start with' }],
  options: {
    ...servingOptions(USUAL_PORT),
    ...COMMON,
  },
  examples: [
    ['etude studio', 'on the songbook'],
    ['etude studio runs/first --port 8080 --no-open', 'a model of "etude train"; the address is printed'],
  ],
});
