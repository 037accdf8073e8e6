import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Debian's; none is downloaded. */
export const CHROMIUM = process.env.ETUDE_CHROMIUM ?? '/usr/bin/chromium';

/** What keeps it quiet. */
export const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Why no page can be driven here; undefined where it can. */
export const noChromium: string | undefined = existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is not there`;

/** Headless, with WebGPU on SwiftShader where there is no GPU: slow, but the same kernels. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...QUIET_FLAGS,
      '--enable-unsafe-webgpu',
      '--enable-unsafe-swiftshader',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
      // A kernel on SwiftShader may take longer than a GPU ever should.
      '--disable-gpu-watchdog',
    ],
  });
}
