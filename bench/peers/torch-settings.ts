import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EtudeError } from '../../src/errors.ts';

/** What PyTorch computes with, as torch_settings.py describes it. */
export interface TorchDescription {
  version: string;
  blas: { name: string; config?: string; core?: string };
  /** The instruction set of what is no product: `AVX512`. */
  capability: string;
}

/** A Python that has PyTorch, and the environment in which that is quickest here. */
export interface TorchSettings extends TorchDescription {
  python: string;
  /** What was set for it, and what was taken away: undefined. */
  env: Readonly<Record<string, string | undefined>>;
  /** The cores whose kernels OpenBLAS was told to take, and the milliseconds of the same products with each. */
  tried: Readonly<Record<string, number>>;
}

interface Measured extends TorchDescription {
  productsMs: number;
  gatesMs: number;
}

/**
 * glibc gives freed pages back to the system and takes them anew in every step, which made PyTorch's times jump between one and four
 * times their best on rented machines. This keeps them, as the allocators do that its users install.
 */
export const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1000000000',
  MALLOC_TRIM_THRESHOLD_: '2000000000',
  MALLOC_TOP_PAD_: '200000000',
} as const;

/** What holds PyTorch to less than the processor can do, wherever the shell has it from. */
const HOLDS_BACK = {
  OPENBLAS_CORETYPE: undefined,
  OPENBLAS_L2_SIZE: undefined,
  ATEN_CPU_CAPABILITY: undefined,
} as const;

/** Names of OpenBLAS for x86-64 cores with AVX2 or AVX-512. One that the processor cannot run ends the program, which is an answer too. */
const CORES = ['Haswell', 'Zen', 'SkylakeX', 'Cooperlake', 'SapphireRapids'] as const;
const CAPABILITIES = ['avx2', 'avx512'] as const;
/** What is measured as much quicker is: less is noise, and what PyTorch takes by itself stays. */
const CLEARLY = 0.95;

/**
 * Finds a Python with PyTorch, and how that runs best: which core's kernels OpenBLAS should take, and which instruction set PyTorch.
 * @throws EtudeError where no Python has PyTorch
 */
export async function findTorch(): Promise<TorchSettings> {
  const base = { ...HOLDS_BACK, ...KEEP_MEMORY };
  const named = process.env.PEER_PYTHON;
  const reasons: string[] = [];
  for (const python of named === undefined ? ['python3', '/usr/bin/python3'] : [named]) {
    try {
      return await quickestSettings(python, base, await measure(python, base));
    } catch (thrown) {
      reasons.push(`${python}: ${lastLine(thrown)}`);
    }
  }
  throw new EtudeError(`PyTorch was not found (${reasons.join('; ')}). Name a Python that has it with PEER_PYTHON.`);
}

async function quickestSettings(python: string, base: TorchSettings['env'], alone: Measured): Promise<TorchSettings> {
  const tried: Record<string, number> = {
    [`${alone.blas.core ?? alone.blas.name} (its own choice)`]: alone.productsMs,
  };
  let [best, env] = [alone, base];
  const isOpenBlas = alone.blas.core !== undefined && process.arch === 'x64';
  const found = new Map<string, Measured>();
  // Twice in turns: some of these are close together, and what disturbs one pass need not disturb the other.
  for (const core of isOpenBlas ? [...CORES, ...CORES] : []) {
    const again = await measure(python, { ...base, OPENBLAS_CORETYPE: core }).catch(() => undefined);
    if (again && again.productsMs < (found.get(core)?.productsMs ?? Infinity)) found.set(core, again);
  }
  for (const [core, measured] of found) {
    tried[core] = measured.productsMs;
    if (measured.productsMs < CLEARLY * best.productsMs) [best, env] = [measured, { ...base, OPENBLAS_CORETYPE: core }];
  }
  for (const capability of process.arch === 'x64' ? CAPABILITIES : []) {
    const wanted = { ...env, ATEN_CPU_CAPABILITY: capability };
    const measured = await measure(python, wanted).catch(() => undefined);
    if (measured && measured.gatesMs < CLEARLY * best.gatesMs) [best, env] = [measured, wanted];
  }
  const { version, blas, capability } = best;
  return { python, version, blas, capability, env, tried };
}

async function measure(python: string, env: TorchSettings['env']): Promise<Measured> {
  const { stdout } = await promisify(execFile)(python, [join('bench/peers', 'torch_settings.py')], {
    env: { ...process.env, ...env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  return JSON.parse(stdout) as Measured;
}

function lastLine(thrown: unknown): string {
  const { stderr, message } = thrown as { stderr?: string; message: string };
  return (stderr || message).trim().split('\n').at(-1)!;
}

/** `OpenBLAS 0.3.21 with its kernels for Cooperlake`, the instruction set, and what of the environment was changed. */
export function torchInWords({ python, version, blas, capability, env }: TorchSettings): string {
  const kernels = blas.core === undefined ? blas.name : `${blas.name} with its kernels for ${blas.core}`;
  const set = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const unset = Object.keys(env).filter((name) => env[name] === undefined);
  return `PyTorch ${version} (${python}), ${kernels}, ${capability} for the rest; environment: ${set.join(' ')}; unset: ${unset.join(', ')}`;
}
