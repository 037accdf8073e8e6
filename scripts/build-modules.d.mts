/** Makes JavaScript of the library and the command line, a file for each of theirs, into a folder. */
export function buildModules(outdir: string, entries?: readonly string[]): Promise<void>;
