import { nodeModule } from '../../node-module.ts';
import { GpuUnavailableError } from './errors.ts';

/** The parts of Node that are used here: browsers, which have WebGPU of their own, compile this file too. */
interface NodeProcess {
  platform: string;
  execPath: string;
  env: Readonly<Record<string, string | undefined>>;
  dlopen(module: object, file: string): void;
}

/** Where Dawn is asked in a process of its own; it prints `found` or `none`. */
const ASK = `
const { create } = require(process.argv[1]);
create([]).requestAdapter().catch(() => null).then((adapter) => {
  require('node:fs').writeSync(1, adapter ? 'found' : 'none');
  process.exit();
});
`;
/** Drivers of large GPUs take a second or two to start. */
const PATIENCE_MS = 30_000;

const IN_A_CONTAINER =
  'in a container install libvulkan1 and mesa-vulkan-drivers (so Debian and Ubuntu call them), or start it with the GPU and its driver';

/**
 * Looks whether Dawn has on Linux what it computes through: Vulkan's loader, and a driver with a GPU. Asked before Dawn is, of a
 * Dawn in another process: it prints warnings about what it misses, with lines of its source, which nobody can turn off.
 *
 * @throws GpuUnavailableError that says what is missing and what to install
 */
export async function requireVulkan(): Promise<void> {
  const node = (globalThis as { process?: NodeProcess }).process;
  if (node?.platform !== 'linux') return;
  const dawn = pathOf('webgpu');
  // That it is missing is said by who loads it.
  if (dawn === undefined) return;
  if (!hasLibrary('libvulkan.so.1', node)) {
    throw new GpuUnavailableError(
      `WebGPU finds no GPU here: there is no Vulkan loader (libvulkan.so.1) and so no driver; ${IN_A_CONTAINER}`,
    );
  }
  if ((await askElsewhere(dawn, node)) === 'none') {
    throw new GpuUnavailableError(
      `WebGPU finds no GPU here: the Vulkan loader is there, but no driver that finds one; ${IN_A_CONTAINER}`,
    );
  }
}

function pathOf(name: string): string | undefined {
  try {
    return nodeModule('node:module')
      ?.createRequire(import.meta.url)
      .resolve(name);
  } catch {
    return undefined;
  }
}

/** Whether the system's linker finds a library, looking where it looks for Dawn. */
function hasLibrary(name: string, node: NodeProcess): boolean {
  try {
    node.dlopen({ exports: {} }, name);
  } catch (error) {
    // What is found is no module of Node's, which is another error.
    return !/no such file/i.test((error as Error).message);
  }
  return true;
}

/** What a Dawn says that may print what it likes; undefined where it could not be asked. */
function askElsewhere(dawn: string, node: NodeProcess): Promise<string | undefined> {
  const { execFile } = nodeModule('node:child_process')!;
  const options = { timeout: PATIENCE_MS, env: { ...node.env, ELECTRON_RUN_AS_NODE: '1' } };
  return new Promise((resolve) => {
    try {
      execFile(node.execPath, ['--input-type=commonjs', '--eval', ASK, dawn], options, (_, stdout) => {
        resolve(stdout || undefined);
      });
    } catch {
      resolve(undefined);
    }
  });
}
