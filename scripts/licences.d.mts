import type { Metafile } from 'esbuild';

/** The packages of which something is in the bundles. */
export function bundledPackages(metafile: Metafile): string[];

/** The texts of their licences, one after the other. */
export function licencesOf(metafile: Metafile): string;
