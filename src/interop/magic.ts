/** How files begin: `PK\\3\\4`, and the signature of HDF5's superblock. */
const BEGINNINGS = {
  zip: [0x50, 0x4b, 0x03, 0x04],
  hdf5: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
} as const;

/** Whether a file is a zip archive, as those of `torch.save` and of Keras are. */
export function isZip(bytes: Uint8Array): boolean {
  return begins(bytes, BEGINNINGS.zip);
}

/** Whether a file is HDF5, as those of Keras's weights are. */
export function isHdf5(bytes: Uint8Array): boolean {
  return begins(bytes, BEGINNINGS.hdf5);
}

/** Whether a text begins with an object or list. A safetensors file, whose header may be as long as `{` says, has zeros there. */
export function isJson(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 64);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(start);
  return !start.subarray(0, 8).includes(0) && /^\ufeff?\s*[{[]/.test(text);
}

/** Whether a file begins with the version of ONNX's format, field 1; of a safetensors file bytes 5 to 8 are zero. */
export function isOnnx(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[1] < 32 && bytes.subarray(4, 8).some((byte) => byte !== 0);
}

/** Whether a file begins with these bytes. */
export function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}
