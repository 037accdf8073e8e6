import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as nodes from '../scripts/nodes.mjs';
import { UsageError } from '../src/errors.ts';

/** A Node to measure on. */
export interface MeasuredNode {
  /** How it is called in names: `Node 24`. */
  name: string;
  program: string;
  version: string;
}

/**
 * The Node of a line, `24`, which is fetched unless it is the one that runs this; `own` is the one that runs this, of whatever version.
 * @throws UsageError when the line is not one of those that are pinned, or cannot be had on this platform
 */
export async function measuredNode(line: string): Promise<MeasuredNode> {
  const own = process.versions.node;
  if (line === 'own') return { name: `Node ${own.split('.')[0]}`, program: process.execPath, version: own };
  // Loaded from where it lies: bundled, it would keep the programs elsewhere.
  const url = pathToFileURL(resolve('scripts/nodes.mjs')).href;
  const { NODES, nodesRunHere, fetchNode } = (await import(url)) as typeof nodes;
  const version = NODES.find((each) => each.startsWith(`${line}.`));
  if (version === undefined) throw new UsageError(`Node ${line}: expected own, or a line of ${NODES.join(', ')}.`);
  if (version === own) return { name: `Node ${line}`, program: process.execPath, version };
  if (!nodesRunHere) throw new UsageError(`Node ${line}: other Nodes than the one that runs are fetched on Linux x64 only.`); // prettier-ignore
  return { name: `Node ${line}`, program: await fetchNode(version), version };
}
