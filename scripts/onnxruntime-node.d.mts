export const ONNXRUNTIME_NODE: { packageName: string; version: string; integrity: string };
export function fetchOnnxruntimeNode(): Promise<string>;
