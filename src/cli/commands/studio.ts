import { encodeCheckpoint } from '../../nn/index.ts';
import type { ActionOf } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { pageFolder } from '../../package-folder.ts';
import { readCheckpoint, readMusicModel } from '../run-folder.ts';
import { knownFiles, type KnownFiles } from '../studio/files.ts';
import { openBrowser } from '../studio/open-browser.ts';
import { serve, serveAsUsual, type RunningServer } from '../studio/server.ts';
import { USUAL_PORT } from '../studio/usual-port.ts';
import type { studio as words } from '../studio-table.ts';

/** `etude studio`: serves the page until Ctrl-C. */
export const studio: ActionOf<typeof words> = async ({ args: [model], options, terminal }) => {
  const server = await start(knownFiles(pageFolder(), modelBytes(model)), options.port, terminal);
  const interrupt = terminal.interrupts('closing the page');
  const url = model === undefined ? server.url : `${server.url}#model=served`;
  try {
    if (terminal.json) terminal.printJson({ url, port: server.port });
    terminal.say(`The page is at ${url}`);
    terminal.say('Ctrl-C ends it.');
    if (!options.noOpen && !(await openBrowser(url)))
      terminal.say('Could not start a browser: open the address yourself.');
    await new Promise((resolve) => {
      if (interrupt.aborted) resolve(undefined);
      interrupt.addEventListener('abort', resolve, { once: true });
    });
  } finally {
    await server.close();
  }
  return undefined;
};

/** At the port that was given; or at the usual one, and where that is taken at another, which is said. */
async function start(files: KnownFiles, port: number | undefined, terminal: Terminal): Promise<RunningServer> {
  if (port !== undefined) return serve(files, port);
  const { server, taken } = await serveAsUsual(files);
  if (taken) {
    terminal.warn(
      `Port ${USUAL_PORT} is taken, perhaps by another etude studio: this page is at port ${server.port}. ` +
        `Browsers keep saved networks by address: those saved on port ${USUAL_PORT} are not offered here.`,
    );
  }
  return server;
}

/** The checkpoint that MODEL means, which must be one of music. */
function modelBytes(model: string | undefined): Uint8Array | undefined {
  if (model === undefined) return undefined;
  readMusicModel(model);
  return encodeCheckpoint(readCheckpoint(model));
}
