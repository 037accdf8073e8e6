import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { describeSplit } from '../../../src/cli/train/read-music.ts';
import { prepareData } from '../../../src/music/index.ts';
import { corpusOf, toyPiece, toySettings, toySong } from '../../support/toy-music.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { TINY_SILENT, tune } from '../tiny-music.ts';

describe('what is said of the music before training', () => {
  it('counts the pieces that are too short for a window', () => {
    const settings = toySettings('quick', { seqLength: 8, validation: 0 });
    const long = toyPiece('long', toySong(50, 30));
    const split = (pieces: ReturnType<typeof toyPiece>[]): string =>
      describeSplit(prepareData(corpusOf(...pieces), settings), settings)[0];
    expect(split([long])).toBe('1 piece to learn from: 22 windows of 8 notes');
    expect(split([long, toyPiece('a', toySong(50, 8)), toyPiece('b', toySong(60, 2))])).toBe(
      '1 piece to learn from: 22 windows of 8 notes; 2 pieces too short for one',
    );
  });

  it('says how windows are moved', () => {
    const said = (transpose: number, tempo: number): string => {
      const settings = toySettings('quick', { seqLength: 8, validation: 0, transpose, tempo });
      return describeSplit(prepareData(corpusOf(toyPiece('long', toySong(50, 30))), settings), settings)[0];
    };
    expect(said(1, 0)).toMatch(/22 windows of 8 notes, each moved anew by up to 1 semitone whenever it is used$/);
    expect(said(0, 0.15)).toMatch(/, each moved anew by up to 15 % of its tempo whenever it is used$/);
  });
});

it('says aloud that files have drums only, before their keys are learned as those of a piano, unless drums are wanted', async () => {
  const base = temporaryFolder();
  const music = join(base, 'music');
  mkdirSync(music);
  for (const from of [36, 38, 40]) {
    const drums = { program: 0, isDrum: true, name: 'Kit', notes: tune(20, from) };
    writeFileSync(join(music, `beat-${from}.mid`), writeMidi([drums]));
  }
  const train = (...more: string[]) =>
    runEtude('train', music, '--out', join(base, 'run'), '--force', ...TINY_SILENT, '--epochs', '1', ...more);
  const { code, stderr } = await train();
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /beat-36\.mid and 2 more have drums only, whose keys are taken for those of a piano\. Leave such/,
  );
  expect((await train('--instrument', 'drums')).stderr).not.toContain('drums only');
});
