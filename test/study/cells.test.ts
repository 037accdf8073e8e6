import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { CELL_KINDS, gatesOf, opens, quantitiesOf, recordedQuantities, recordSequence } from '../../src/nn/index.ts';
import { studySections } from '../../src/pages/study/sections.ts';
import { dequantise } from '../../src/study/byte-matrix.ts';
import { countedFromZero } from '../../src/study/counting.ts';
import { studySong } from '../../src/study/index.ts';
import { toyModel, toySettings, toySong } from '../support/toy-music.ts';

const NOTES = 60;
const song = {
  name: 'toy.mid',
  instrument: 'piano',
  table: toySong(60, NOTES),
  tempo: [[0, 120]] as [number, number][],
};

describe.each(CELL_KINDS)('a study of a %s, in layers of 12 and 5 units', async (cell) => {
  const model = await toyModel(toySettings('quick', { cell, layers: 2, hiddenSize: '12,5' }));
  const data = await studySong({ model, path: 'runs/toy', song });
  const encoded = model.codec.encode(song.table);
  const { layers: recorded } = recordSequence(model.spec, model.parameters, encoded);
  const hasCell = quantitiesOf(cell).includes('c');

  it('is plain JSON, and says what the network is', () => {
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
    expect(data.model).toMatchObject({ cell, layers: 2, widths: [12, 5] });
    expect(data.units.map(({ layer }) => layer)).toEqual([...Array<number>(12).fill(1), ...Array<number>(5).fill(2)]);
  });

  it('has heat maps of what its units have, to the precision of a byte', () => {
    for (const { layer, heat, shown } of data.layers) {
      expect(Object.keys(heat)).toEqual(quantitiesOf(cell));
      const { size } = recorded[layer - 1];
      expect(shown).toHaveLength(size);
      for (const [quantity, matrix] of Object.entries(heat)) {
        const truth = recordedQuantities(recorded[layer - 1])[quantity];
        const bound = ((matrix.high - matrix.low) / 508) * 1.01 + 1e-6;
        dequantise(matrix).forEach((value, at) => {
          const [unit, note] = [Math.floor(at / NOTES), at % NOTES];
          expect(Math.abs(value - truth[note * size + shown[unit] - 1])).toBeLessThanOrEqual(bound);
        });
      }
    }
  });

  it('tells of gates, states and spans those that there are', () => {
    for (const { saturation, c, span, correlations } of data.units) {
      expect(Object.keys(saturation)).toEqual(gatesOf(cell));
      expect(c !== undefined).toBe(hasCell);
      expect(span === null).toBe(cell === 'rnn');
      expect(correlations.every(({ of }) => hasCell || of === 'h')).toBe(true);
    }
    const { byLag, byStep } = data.gradient;
    expect([byLag.dc !== undefined, byStep.dc !== undefined]).toEqual([hasCell, hasCell]);
    expect(Object.keys(data.control.trained.saturation)).toEqual(gatesOf(cell).filter(opens));
    expect(data.control.trained.longestSpan === null).toBe(cell === 'rnn');
  });

  it('holds each unit and gate still at what a recording with the same ablation costs', () => {
    const { units, gates, layers, baseline } = data.ablation!;
    expect([units, gates, layers].map(({ length }) => length)).toEqual([17, 4 * gatesOf(cell).length, 4]);
    const atZero = [...units.slice(0, 3), ...gates.filter(({ held }) => held === 'zero')];
    for (const { layer, unit, gate, loss } of atZero) {
      const held = { layer: layer - 1, part: gate ?? ('h' as const), ...(unit && { units: [unit - 1] }) };
      const { heads } = recordSequence(model.spec, model.parameters, encoded, { ablation: [held] });
      const whole = heads.reduce((sum, { nextLoss }, k) => {
        const known = Array.from(nextLoss).slice(0, NOTES - 1);
        return sum + (model.spec.heads[k].lossWeight * known.reduce((a, b) => a + b, 0)) / known.length;
      }, 0);
      expect(loss).toBeCloseTo(whole - baseline.loss, 4);
    }
  });

  it('shows on its page the parts that it has, in words of its cell', () => {
    const page = studySections(countedFromZero(data));
    expect(page.includes('id="spans"')).toBe(cell !== 'rnn');
    expect(page).toContain(
      cell.startsWith('gru') ? 'update gate z sets' : cell === 'rnn' ? 'no gates' : 'forget gate f sets',
    );
    expect(page).not.toMatch(/undefined|NETWORK|NaN/);
  });

  it('names the units that there are', async () => {
    const refused = studySong({ model, path: 'runs/toy', song, units: [6], layer: 2 });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow('layer 2 has units 1 to 5, got 6');
    const narrow = await studySong({ model, path: 'runs/toy', song, units: [6, 12] });
    expect(narrow.layers.map(({ shown }) => shown)).toEqual([[6, 12], []]);
  });
});
