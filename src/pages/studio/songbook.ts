import type { MusicFile } from './protocol.ts';

/** A piece as scripts/build-studio.mjs wrote it. */
interface BuiltInPiece {
  path: string;
  name: string;
  base64: string;
}

/** The songbook that comes with the page. */
export async function loadSongbook(): Promise<MusicFile[]> {
  const response = await fetch('songbook.json');
  if (!response.ok) throw new Error(`The songbook could not be loaded (${response.status}).`);
  const pieces = (await response.json()) as BuiltInPiece[];
  return pieces.map(({ path, base64 }) => ({
    path,
    bytes: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
  }));
}
