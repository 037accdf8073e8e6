import type { Metafile } from 'esbuild';

/** Bundles the command line into `cli` in a folder, beside the modules of the library. */
export function buildCommandLine(outdir: string): Promise<Metafile>;
