import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instrument } from '../../src/midi/index.ts';
import { writeMidi } from '../../src/midi/write.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const scale: Instrument = {
  program: 0,
  isDrum: false,
  name: 'Right\u001b[31m hand',
  notes: [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, i) => ({ pitch, velocity: 80, start: i / 2, end: i / 2 + 0.4 })),
};
const drums: Instrument = {
  program: 0,
  isDrum: true,
  name: 'Kit',
  notes: [{ pitch: 36, velocity: 90, start: 0, end: 0.1 }],
};
export const violin: Instrument = {
  ...scale,
  program: 40,
  name: 'Solo',
  notes: scale.notes.map((n) => ({ ...n, pitch: n.pitch + 12 })),
};

/** A folder with `piece.mid` of two instruments and a drum kit. */
export function folderWithPiece(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'piece.mid'), writeMidi([scale, drums, violin]));
  return folder;
}
