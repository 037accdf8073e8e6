/** Makes JavaScript of the library, a file for each of its own, into a folder. */
export function buildModules(outdir: string): Promise<void>;
