import { describe, expect, it } from 'vitest';
import { NotationError } from '../../src/midi/index.ts';
import { generateNotes } from '../../src/music/generate.ts';
import { primerFromText } from '../../src/music/primer.ts';
import { PLAIN_SAMPLING } from '../../src/nn/index.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { toyModel, toySettings, toySongbook } from '../support/toy-music.ts';

describe('a primer from a text', () => {
  it('is its notes one after another, at 120 quarter notes a minute or at another tempo', () => {
    expect(primerFromText('C4 [E4 G4]:2')).toEqual([
      { pitch: 60, step: 0, duration: 0.5, velocity: 64 },
      { pitch: 64, step: 0.5, duration: 1, velocity: 64 },
      { pitch: 67, step: 0, duration: 1, velocity: 64 },
    ]);
    expect(primerFromText('r:4 C4 E4', { tempo: 60 }).map(({ step, duration }) => [step, duration])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });

  it('is heard with the chords of the model', () => {
    const settings = toySettings('quick', { chords: 50 });
    const joining = { settings, codec: prepareData(toySongbook(), settings).codec };
    const text = '3:2(C4:64 E4 G4)';
    expect(primerFromText(text)[1].step).toBeGreaterThan(0.02);
    expect(primerFromText(text, { model: joining })[1].step).toBe(0);
  });

  it('can be followed', async () => {
    const model = await toyModel(toySettings('quick'));
    const primer = primerFromText('C4 E4 G4', { model });
    expect(generateNotes(model, { ...PLAIN_SAMPLING, notes: 5, seed: 1, primer }).notes).toHaveLength(5);
  });

  it('is refused with the column where it is none', () => {
    expect(() => primerFromText('C4 X4')).toThrow(NotationError);
  });
});
