import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const root = resolve(import.meta.dirname, '../..');
const runFile = promisify(execFile);

/** The package as somebody has it who installed it into an empty folder. */
export interface InstalledPackage {
  /** The folder of the program that uses it; tests may write into it. */
  folder: string;
  /** The package itself, in node_modules. */
  etude: string;
  /** Bytes of the tarball. */
  packedSize: number;
  remove(): void;
}

/** A program's end, whatever it was. */
export interface Ended {
  code: number;
  /** What it printed, stderr after stdout. */
  output: string;
}

/** Runs a program to its end. */
export async function runProgram(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined, VITEST: undefined };
  try {
    const { stdout, stderr } = await runFile(program, args, { cwd, env, maxBuffer: 1 << 26 });
    return { code: 0, output: stdout + stderr };
  } catch (thrown) {
    const { code, stdout = '', stderr = '' } = thrown as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw thrown;
    return { code, output: stdout + stderr };
  }
}

/** Why the registry cannot be used; undefined where it can, or where nobody can tell before something is fetched. */
export async function noRegistry(): Promise<string | undefined> {
  const { code, output } = await runProgram('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], tmpdir());
  return code === 0 ? undefined : `the npm registry cannot be reached: ${output.trim().split('\n').at(-1)}`;
}

/** Packs the package, which builds it, and installs the tarball into an empty folder, with the dependencies of our own lock. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-installed-'));
  await npm(['pack', '--pack-destination', folder], root);
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  );
  const manifest = { name: 'consumer', private: true, type: 'module', overrides: lockedVersions() };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], folder);
  return {
    folder,
    etude: join(folder, 'node_modules/etude-lstm'),
    packedSize: statSync(tarball).size,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs npm. @throws Error with its output where it fails */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runProgram('npm', args, cwd);
  if (code !== 0) throw new Error(`npm ${args.join(' ')}: ${output}`);
}

/** The versions of what is installed for users, so that a new one of somebody else's does not change what is tested. */
function lockedVersions(): Record<string, string> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<
      string,
      { version?: string; dev?: boolean; optional?: boolean; peer?: boolean; devOptional?: boolean }
    >;
  };
  const versions: Record<string, string> = {};
  for (const [path, { version, dev, optional, peer, devOptional }] of Object.entries(lock.packages)) {
    if (!/^node_modules\/((?!node_modules).)*$/.test(path) || !version || dev || optional || peer || devOptional)
      continue;
    versions[path.replace('node_modules/', '')] = version;
  }
  return versions;
}
