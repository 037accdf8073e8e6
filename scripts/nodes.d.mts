export const NODES: readonly string[];
export const nodesRunHere: boolean;
export function fetchNode(version: string): Promise<string>;
export function fetchProgram(wanted: {
  packageName: string;
  version: string;
  program: string;
  says: string;
  integrity?: string;
}): Promise<string>;
export function fetchPackage(wanted: {
  packageName: string;
  version: string;
  integrity?: string;
  file?: string;
}): Promise<string>;
