import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { tfjsHere, type Tfjs } from '../../../bench/interop/tfjs-model.ts';

const peers = resolve(import.meta.dirname, '../../../bench/peers');

/**
 * TensorFlow.js from the peers of the benchmarks, whose lock file pins it; installed there unless it is, without running anything that
 * packages bring.
 * @returns `missing`, why it is not here, as titles of tests say it
 */
export async function peersTfjs(): Promise<{ tf?: Tfjs; missing: string }> {
  const there = await tfjsHere();
  if (there) return { tf: there, missing: '' };
  try {
    const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', peers];
    execFileSync('npm', words, { stdio: 'pipe', timeout: 600_000 });
    return { tf: await tfjsHere(), missing: '' };
  } catch (thrown) {
    return { missing: ` (skipped: it cannot be installed: ${messageOf(thrown).split('\n')[0]})` };
  }
}
