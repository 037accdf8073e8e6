import { describe, expect, it } from 'vitest';
import { measuredNode } from '../../bench/nodes.ts';

describe('measuredNode', () => {
  it('is what runs already where that is asked for, and named by its line', async () => {
    const node = process.versions.node;
    const own = { name: `Node ${node.split('.')[0]}`, program: process.execPath, version: node };
    expect(await measuredNode('own')).toEqual(own);
  });

  it('refuses a line that is not pinned, and says which are', async () => {
    await expect(measuredNode('21')).rejects.toThrow(/^Node 21: expected own, or a line of 20\.\d/);
  });
});
