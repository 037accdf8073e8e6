import type { Metafile } from 'esbuild';

/** Bundles the page of `etude studio` into a folder; what is there goes. */
export function buildStudio(outdir: string): Promise<Metafile>;

/** The packages of which something is in the bundles. */
export function bundledPackages(metafile: Metafile): string[];
