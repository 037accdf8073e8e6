import { encodeCheckpoint } from '../../nn/index.ts';
import type { ActionOf } from '../command.ts';
import { pageFolder } from '../../package-folder.ts';
import { readCheckpoint, readMusicModel } from '../run-folder.ts';
import { knownFiles } from '../studio/files.ts';
import { openBrowser } from '../studio/open-browser.ts';
import { serve } from '../studio/server.ts';
import type { studio as words } from '../studio-table.ts';

/** `etude studio`: serves the page until Ctrl-C. */
export const studio: ActionOf<typeof words> = async ({ args: [model], options, terminal }) => {
  const server = await serve(knownFiles(pageFolder(), modelBytes(model)), options.port);
  const interrupt = terminal.interrupts('closing the page');
  const url = model === undefined ? server.url : `${server.url}#model=served`;
  try {
    if (terminal.json) terminal.printJson({ url, port: server.port });
    terminal.say(`The page is at ${url}`);
    terminal.say('Ctrl-C ends it.');
    if (!options.noOpen && !(await openBrowser(url)))
      terminal.say('No browser could be started: open the address yourself.');
    await new Promise((resolve) => {
      if (interrupt.aborted) resolve(undefined);
      interrupt.addEventListener('abort', resolve, { once: true });
    });
  } finally {
    await server.close();
  }
  return undefined;
};

/** The checkpoint that MODEL means, which must be one of music. */
function modelBytes(model: string | undefined): Uint8Array | undefined {
  if (model === undefined) return undefined;
  readMusicModel(model);
  return encodeCheckpoint(readCheckpoint(model));
}
