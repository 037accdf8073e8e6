import { describe, expect, it } from 'vitest';
import { benchMemory } from '../../bench/memory.ts';
import { songbookFolder } from '../../src/package-folder.ts';
import { loadCorpus } from '../../src/midi/node.ts';

describe('benchMemory', () => {
  it('trains as many steps as asked for and watches the memory on the way', async () => {
    const corpus = await loadCorpus([songbookFolder()], { files: 2 });
    const row = await benchMemory({ corpus, steps: 30, backend: 'auto', threads: 1 });
    expect(row.samples).toBe(30);
    expect(row.trace.map(([step]) => step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(row.largestMB).toBe(Math.max(...row.trace.map(([, mb]) => mb)));
    expect(row.firstMB).toBeGreaterThan(10);
  });
});
