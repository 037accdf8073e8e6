// What else runs Etude: Bun and Deno, from the npm packages that bring them. Nothing that we publish depends on these.
import { fetchProgram } from './nodes.mjs';

/** `words` stand before the path of a program; `sameBits`: its V8 computes what Node's computes, to the bit, in `Math` too. */
export const RUNTIMES = [
  {
    name: 'Bun',
    version: '1.4.5',
    packageName: '@oven/bun-linux-x64',
    program: 'bin/bun',
    says: '1.4.5',
    integrity: 'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
    words: [],
    sameBits: false,
  },
  {
    name: 'Deno',
    version: '2.9.6',
    packageName: '@deno/linux-x64-glibc',
    program: 'deno',
    says: 'deno 2.9.6 ',
    integrity: 'sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ==',
    words: ['run', '--allow-all'],
    sameBits: true,
  },
];

/**
 * Fetches a runtime, where that has not been done yet.
 * @param {(typeof RUNTIMES)[number]} runtime
 * @returns {Promise<string[]>} the words that start a program on it
 * @throws Error when it cannot be fetched, or is another
 */
export async function fetchRuntime(runtime) {
  return [await fetchProgram(runtime), ...runtime.words];
}
