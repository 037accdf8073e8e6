// onnxruntime for Node, which runs exported models natively. It brings a program that is run at its installation, so that nothing depends
// on it, not even for development: it is fetched without running that, which only fetches what GPUs need.
import { fetchPackage } from './nodes.mjs';

/** The version of onnxruntime-web that the tests have; the digest is that in bench/peers/package-lock.json. */
export const ONNXRUNTIME_NODE = {
  packageName: 'onnxruntime-node',
  version: '1.30.0',
  integrity: 'sha512-twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
};

/**
 * Fetches it, where that has not been done yet.
 * @returns {Promise<string>} the folder of the package
 * @throws Error when it cannot be fetched, or is another
 */
export function fetchOnnxruntimeNode() {
  return fetchPackage(ONNXRUNTIME_NODE);
}
