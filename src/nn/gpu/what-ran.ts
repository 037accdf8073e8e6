import type { GpuDevice } from '../../tensor/gpu/device.ts';
import { GpuFallbackError } from '../../tensor/gpu/errors.ts';
import type { GpuPlan } from '../../tensor/gpu/plan.ts';
import { counted } from '../../text/words.ts';

type Ran = GpuPlan['ran'];

/** gpu.js calls both kinds of WebGL by one name. */
const NAMES: Record<string, string[]> = { webgl2: ['gpu', 'webgl2'], headlessgl: ['gpu', 'headlessgl'] };
/** The modes in which gpu.js has a way to run a plan as a whole. */
const FUSING = ['webgpu', 'webasm'];

/**
 * What ran, in words: `gpu.js webgpu, NVIDIA H100, fused plan of 8 steps`. What gpu.js did instead of what was asked for is
 * part of it.
 */
export function describeRun({ mode, adapter }: GpuDevice, ran: Ran | undefined, planSteps: number): string {
  const steps = `plan of ${counted(planSteps, 'step')}`;
  const instead = ran && !isMode(mode, ran.mode) ? `${ran.mode} instead of ${mode}` : mode;
  const device = adapter === undefined ? '' : `, ${adapter}`;
  if (!ran) return `gpu.js ${mode}${device}, ${steps}`;
  const kind = ran.executor.startsWith('fused') ? 'fused ' : '';
  const unfused = kind === '' && FUSING.includes(mode) ? 'unfused ' : '';
  const why = fallback(mode, ran) === undefined ? '' : ` (${fallback(mode, ran)})`;
  return `gpu.js ${instead}${device}, ${kind}${unfused}${steps}${why}`;
}

/** @throws GpuFallbackError when something else ran than was asked for */
export function refuseFallback({ mode }: GpuDevice, ran: Ran): void {
  const reason = fallback(mode, ran);
  if (reason === undefined) return;
  const became = isMode(mode, ran.mode) ? 'could not run the plan as a whole' : `ran ${ran.mode} instead of ${mode}`;
  throw new GpuFallbackError(
    `--backend gpu: gpu.js ${became}: ${reason}. Use --backend gpu-${mode} to train all the same, or --backend simd.`,
  );
}

/** Why something else ran than was asked for; undefined when it did not. */
function fallback(mode: string, ran: Ran): string | undefined {
  const asked = isMode(mode, ran.mode) && (!FUSING.includes(mode) || ran.executor !== 'generic');
  return asked ? undefined : (ran.fallbackReason ?? 'it gives no reason');
}

function isMode(mode: string, ran: string | null): boolean {
  return ran !== null && (NAMES[mode] ?? [mode]).includes(ran);
}
