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

/** Whether a file begins with these bytes. */
export function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}
