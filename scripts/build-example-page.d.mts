/** Bundles the page of examples/browser into a folder; what is there goes. */
export function buildExamplePage(outdir: string): Promise<void>;
