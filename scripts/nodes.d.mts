export const NODES: readonly string[];
export const nodesRunHere: boolean;
export function fetchNode(version: string): Promise<string>;
