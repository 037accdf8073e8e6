import type { Metafile } from 'esbuild';

/** Bundles the page of `etude studio` into a folder; what is there goes. */
export function buildStudio(outdir: string): Promise<Metafile>;
