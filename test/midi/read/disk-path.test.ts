import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFiles } from '../../../src/midi/corpus/find-files.ts';
import { loadCorpus } from '../../../src/midi/corpus/load-corpus.ts';
import { decodeFileName, diskPath, pathsLike, visiblePath } from '../../../src/midi/read/disk-path.ts';
import { readMidiFile } from '../../../src/midi/read/read-midi-file.ts';
import * as midi from '../../support/midi-bytes.ts';

describe('the names of files', () => {
  it('are bytes, and come back from text whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }).map(Buffer.from)), (bytes) => {
        const name = decodeFileName(bytes);
        expect(Buffer.from(diskPath(name))).toEqual(Buffer.from(bytes));
        const text = Buffer.from(bytes).toString('utf8');
        if (Buffer.from(text, 'utf8').equals(bytes)) expect(name).toBe(text);
        expect(visiblePath(name)).not.toMatch(/[\udc80-\udcff]/u);
      }),
    );
  });
});

/** Systems whose names are Unicode cannot have such files. */
const bytesAreNames = process.platform === 'linux';

describe.skipIf(!bytesAreNames)('a file whose name is not UTF-8', () => {
  let folder: string;
  const latin = (text: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(text, 'latin1')]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'etude-names-'));
    mkdirSync(latin('Stücke'));
    writeFileSync(latin('Stücke/Träume.mid'), midi.midiFile([[midi.noteOn(0, 60), midi.noteOff(96, 60)]]));
    writeFileSync(latin('plain.mid'), midi.midiFile([[midi.noteOn(0, 61), midi.noteOff(96, 61)]]));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is found in a folder, and read into a corpus from there', async () => {
    const { files } = findFiles([folder]);
    expect(files.map(({ name }) => visiblePath(name))).toEqual(['Tr\ufffdume', 'plain']);
    const { pieces, skipped } = await loadCorpus([folder], { cacheDir: join(folder, 'cache') });
    expect(pieces.map(({ table }) => table.pitch[0])).toEqual([60, 61]);
    expect(skipped).toEqual([]);
  });

  it('is found by a pattern', () => {
    expect(findFiles([`${folder}/**/*.mid`]).files).toHaveLength(2);
  });

  it('is opened by the name that the command line makes of it', () => {
    const given = `${folder}/St\ufffdcke/Tr\ufffdume.mid`;
    expect(pathsLike(given)).toHaveLength(1);
    expect(readMidiFile(given).instruments[0].notes[0].pitch).toBe(60);
    expect(findFiles([given]).files).toHaveLength(1);
    expect(findFiles([`${folder}/St\ufffdcke`]).files).toHaveLength(1);
    expect(() => readMidiFile(`${folder}/Tr\ufffdume.mid`)).toThrow(/there is no such file/);
  });
});
