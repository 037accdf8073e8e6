import type * as buffer from 'node:buffer';
import type * as childProcess from 'node:child_process';
import type * as crypto from 'node:crypto';
import type * as module from 'node:module';
import type * as os from 'node:os';
import type * as v8 from 'node:v8';
import type * as workerThreads from 'node:worker_threads';

/** What of Node is used where it is there. */
interface NodeModules {
  'node:buffer': typeof buffer;
  'node:child_process': typeof childProcess;
  'node:crypto': typeof crypto;
  'node:module': typeof module;
  'node:os': typeof os;
  'node:v8': typeof v8;
  'node:worker_threads': typeof workerThreads;
}

/**
 * A module of Node's own where this runs in Node; undefined in a browser.
 *
 * What must run in both asks here: an `import` of it, even one that is never reached, is an error to most bundlers of pages.
 */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}
