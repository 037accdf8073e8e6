/** Words for Node that take WebAssembly away, by how. V8 itself says on stderr that `--jitless` does. */
export const WITHOUT_WEBASSEMBLY = {
  '--jitless': ['--jitless'],
  deleted: ['--import', 'data:text/javascript,delete globalThis.WebAssembly'],
} as const;

/** What a command may have said on stderr besides its own: nothing but V8's remark. */
export function withoutRemark(stderr: string): string {
  return stderr.replace(/^Warning: disabling flag --expose_wasm due to conflicting flags\n/, '');
}
