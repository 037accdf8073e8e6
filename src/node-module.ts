/**
 * A module of Node's own, such as `node:os`, where this runs in Node; undefined in a browser.
 *
 * What must run in both asks here: an `import` of it, even one that is never reached, is an error to most bundlers of pages.
 */
export function nodeModule<Module>(name: `node:${string}`): Module | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as Module | undefined;
}
