import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { changed, expectHeld, someChanges, someFiles } from './random-archives.ts';

it('of thousands of archives that were changed at random, none writes outside its folder, and each is refused in a sentence or whole', async () => {
  const base = temporaryFolder();
  let [whole, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(someFiles, someChanges, async (files, changes) => {
      mkdirSync(join(base, 'a/b/c'), { recursive: true });
      if (await expectHeld(base, changed(files, changes))) whole++;
      else refused++;
      rmSync(join(base, 'a'), { recursive: true });
    }),
    { numRuns: 1000 },
  );
  expect(whole).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(500);
});
