import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMidiFile } from '../../../src/midi/read/read-midi-file.ts';
import { sharedData } from '../../support/shared-data.ts';

const maestro = sharedData('maestro-v2.0.0');

/** The seconds that the data set's table gives for each recording; measured by its makers, not by us. */
function durations(folder: string): Map<string, number> {
  const table = readFileSync(join(folder, 'maestro-v2.0.0.csv'), 'utf8').trimEnd().split('\n').slice(1);
  return new Map(
    table.map((line) => {
      const [, path, duration] = /,([^,]+\.midi),[^,]+,([\d.]+)\r?$/.exec(line)!;
      return [path, Number(duration)];
    }),
  );
}

describe.skipIf(maestro.missing)(`MAESTRO v2.0.0${maestro.missing ? ` (${maestro.missing})` : ''}`, () => {
  it('is read whole: no damage, one piano, the length that its table gives', () => {
    const folder = maestro.path;
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.midi?$/.test(name));
    expect(paths.length).toBeGreaterThan(1000);
    const seconds = durations(folder);
    for (const path of paths) {
      const file = readMidiFile(join(folder, path));
      expect(file.problems, path).toEqual([]);
      expect(file.instruments, path).toHaveLength(1);
      expect(file.instruments[0], path).toMatchObject({ program: 0, isDrum: false });
      // The table has the length of the sound: four last notes are held for longer than the recording went on.
      const later = file.endTime - seconds.get(path)!;
      expect(later, path).toBeGreaterThan(-0.25);
      expect(later, path).toBeLessThan(4);
    }
  });
});
