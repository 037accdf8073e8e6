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

/** What of Node's `process` is asked for in code that runs in pages too. */
export interface NodeProcess {
  arch: string;
  versions: { node: string; v8: string; bun?: string };
  execArgv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?: (name: string) => unknown;
}

/** Node's `process` where this runs in Node; undefined in a browser, where some bundlers put in one that is not Node's. */
export function nodeProcess(): NodeProcess | undefined {
  const { process } = globalThis as { process?: Partial<NodeProcess> };
  return process?.versions?.node === undefined ? undefined : (process as NodeProcess);
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
