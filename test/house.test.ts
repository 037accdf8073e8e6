import { describe, expect, it } from 'vitest';
import { circlesIn, importsOf, ourImports } from './support/imports.ts';

const imports = ourImports();

describe('imports, those of types too,', () => {
  it('go round in no circle', () => {
    expect(imports.size).toBeGreaterThan(500);
    expect(circlesIn(imports).map((circle) => circle.join(' -> '))).toEqual([]);
  });

  it('would be found to, if one file of ours knew who knows it', () => {
    const planted = new Map(imports);
    expect(imports.get('src/nn/create-engine.ts')).toContain('src/nn/gpu/create-gpu-engine.ts');
    const back = importsOf('src/nn/gpu/create-gpu-engine.ts', "import type { X } from '../create-engine.ts';");
    planted.set('src/nn/gpu/create-gpu-engine.ts', [...imports.get('src/nn/gpu/create-gpu-engine.ts')!, ...back]);
    const [a, b] = ['src/nn/create-engine.ts', 'src/nn/gpu/create-gpu-engine.ts'];
    expect(circlesIn(planted)).toEqual([[a, b, a]]);
  });

  it('are read however they are written', () => {
    const text = `
      import './a.ts';
      import type { B } from '../b.ts';
      export * from './c.ts';
      export type { D } from './d.ts';
      const { e } = await import('./e.ts');
      type F = import('./f.ts').F;
      import { readFileSync } from 'node:fs';
      // import './not.ts';`;
    expect(importsOf('src/x/y.ts', text)).toEqual(['src/x/a.ts', 'src/b.ts', 'src/x/c.ts', 'src/x/d.ts', 'src/x/e.ts', 'src/x/f.ts']); // prettier-ignore
  });
});

// By relative paths, which is all that ESLint sees, src/study and src/pages/study can be one.
it('a page knows what all pages share, and no other page', () => {
  const pageOf = (file: string): string | undefined => /^src\/pages\/([^/]+)\//.exec(file)?.[1];
  const others = [...imports].flatMap(([file, imported]) => {
    const page = pageOf(file);
    if (page === undefined) return [];
    const foreign = imported.filter((to) => ![undefined, 'kit', page].includes(pageOf(to)));
    return foreign.map((to) => `${file} -> ${to}`);
  });
  expect(others).toEqual([]);
});
