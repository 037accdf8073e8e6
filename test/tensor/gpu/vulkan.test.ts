import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { requireVulkan } from '../../../src/tensor/gpu/vulkan.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';

const { dlopen, execPath, platform } = process;

/** Puts other properties on this process, until the test ends. */
function pretend(properties: Partial<typeof process>): void {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(process, name, { value, configurable: true, writable: true });
  }
}
/** As Node says it of a library that is there, and of one that is not. */
function linker(message: string): typeof process.dlopen {
  return (_, file) => {
    throw Object.assign(new Error(message.replace('FILE', String(file))), { code: 'ERR_DLOPEN_FAILED' });
  };
}
const there = linker("Module did not self-register: 'FILE'.");

/** A program in the place of Node that gives an answer. */
function program(answer: string): string {
  const file = join(temporaryFolder(), 'node');
  writeFileSync(file, `#!/bin/sh\necho 'Warning: vkCreateInstance: Found no drivers!' >&2\nprintf %s '${answer}'\n`);
  chmodSync(file, 0o755);
  return file;
}

afterEach(() => {
  pretend({ dlopen, execPath, platform });
});

describe('requireVulkan', () => {
  it.each([
    'FILE: cannot open shared object file: No such file or directory',
    'Error loading shared library FILE: No such file or directory',
  ])('names the loader and the packages that a container lacks (%s)', async (message) => {
    pretend({ platform: 'linux', dlopen: linker(message) });
    await expect(requireVulkan()).rejects.toThrow(
      /^WebGPU finds no GPU here: there is no Vulkan loader \(libvulkan\.so\.1\).* libvulkan1 and mesa-vulkan-drivers/,
    );
  });

  it('names the driver where there is only the loader', async () => {
    pretend({ platform: 'linux', dlopen: there, execPath: program('none') });
    await expect(requireVulkan()).rejects.toThrow(/loader is there, but no driver.*mesa-vulkan-drivers/);
  });

  it.each(['found', ''])('says nothing where another process says "%s"', async (answer) => {
    pretend({ platform: 'linux', dlopen: there, execPath: program(answer) });
    await requireVulkan();
    pretend({ execPath: '/nowhere/node' });
    await requireVulkan();
  });

  it('says nothing where WebGPU is not Vulkan', async () => {
    pretend({ platform: 'darwin', dlopen: linker('No such file or directory') });
    await requireVulkan();
  });
});
