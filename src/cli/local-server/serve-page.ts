import type { OptionValues } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import type { servingOptions } from './serving-options.ts';
import { openBrowser } from './open-browser.ts';
import { serve, serveAsUsual, type RunningServer, type ServedPage } from './server.ts';

export interface PageToServe extends ServedPage {
  /** What serves it: `etude studio`. */
  command: string;
  /** Where it is unless `--port` says another port. */
  usualPort: number;
  /** What the address that is opened ends with. */
  hash?: string;
  /** Said where the usual port is taken, after which port it is instead. */
  whenTaken: string;
}

/** Serves a page until Ctrl-C: says where it is, and opens the browser unless told not to. */
export async function servePage(
  page: PageToServe,
  { port, noOpen }: OptionValues<ReturnType<typeof servingOptions>>,
  terminal: Terminal,
): Promise<void> {
  const server = await start(page, port, terminal);
  const interrupt = terminal.interrupts('closing the page');
  const url = `${server.url}${page.hash ?? ''}`;
  try {
    if (terminal.json) terminal.printJson({ url, port: server.port });
    terminal.say(`The page is at ${url}`);
    terminal.say('Ctrl-C ends it.');
    if (!noOpen && !(await openBrowser(url))) {
      terminal.say('Could not start a browser: open the address yourself.');
    }
    await new Promise((resolve) => {
      if (interrupt.aborted) resolve(undefined);
      interrupt.addEventListener('abort', resolve, { once: true });
    });
  } finally {
    await server.close();
  }
}

/** At the port that was given; or at the usual one, and where that is taken at another, which is said. */
async function start(page: PageToServe, port: number | undefined, terminal: Terminal): Promise<RunningServer> {
  if (port !== undefined) return serve(page, port);
  const { server, taken } = await serveAsUsual(page, page.usualPort);
  if (taken) {
    terminal.warn(
      `Port ${page.usualPort} is taken, perhaps by another ${page.command}: this page is at port ${server.port}. ${page.whenTaken}`,
    );
  }
  return server;
}
