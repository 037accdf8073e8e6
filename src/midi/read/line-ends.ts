const CR = 0x0d;
const LF = 0x0a;

/**
 * Whether the bytes look like a binary file in which a tool turned every CR LF into LF: there is no CR LF left, there
 * are at least as many LF as bytes are missing by the lengths that the tracks state, and the file still ends with
 * End-of-Track, as a truncated one does not. Git does so to files that it takes for text.
 * @param missing bytes that the stated lengths have and the file has not
 */
export function lineEndsConverted(bytes: Uint8Array, missing: number): boolean {
  if (missing <= 0 || !endsWithEndOfTrack(bytes)) return false;
  let lineFeeds = 0;
  for (let pos = bytes.indexOf(LF); pos !== -1; pos = bytes.indexOf(LF, pos + 1)) {
    if (pos > 0 && bytes[pos - 1] === CR) return false;
    lineFeeds++;
  }
  return lineFeeds >= missing;
}

function endsWithEndOfTrack(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return length >= 3 && bytes[length - 3] === 0xff && bytes[length - 2] === 0x2f && bytes[length - 1] === 0;
}
