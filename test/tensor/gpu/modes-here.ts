import { existsSync } from 'node:fs';

import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { listGpuModes } from '../../../src/tensor/gpu/open.ts';

/** Debian's Chromium brings a program that plays a GPU for Vulkan. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** A mode, and why it cannot be tested here. */
export interface ModeHere {
  mode: GpuMode;
  missing?: string;
}

/**
 * The modes that the fast tests leave out, `cpu` and `webasm` being theirs. WebGPU runs on SwiftShader where there is one and
 * VK_ICD_FILENAMES does not say otherwise. Prints how many there are.
 */
export async function gpuModesToTest(): Promise<ModeHere[]> {
  if (existsSync(SWIFTSHADER)) process.env.VK_ICD_FILENAMES ??= SWIFTSHADER;
  const reports = await listGpuModes();
  const here = reports
    .filter(({ mode }) => mode !== 'cpu' && mode !== 'webasm')
    .map((report): ModeHere => ({ mode: report.mode, missing: report.available ? undefined : report.reason }));
  const run = reports.filter(({ available }) => available);
  const names = run.map((report) => (report.available && report.adapter ? `${report.mode} (${report.adapter})` : report.mode)); // prettier-ignore
  console.log(`gpu.js: ${run.length} of ${reports.length} modes run here: ${names.join(', ')}`);
  return here;
}
