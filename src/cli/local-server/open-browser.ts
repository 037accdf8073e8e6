import { spawn } from 'node:child_process';

/** The program that opens an address, and its arguments. */
export function browserCommand(url: string, platform: string = process.platform): [program: string, args: string[]] {
  if (platform === 'darwin') return ['open', [url]];
  if (platform === 'win32') return ['cmd', ['/c', 'start', '""', url]];
  return ['xdg-open', [url]];
}

/**
 * Asks the system to open the address in the user's browser.
 * @returns whether the program that does it could be started
 */
export function openBrowser(url: string): Promise<boolean> {
  const [program, args] = browserCommand(url);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
