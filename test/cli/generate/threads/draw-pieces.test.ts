import { describe, expect, it } from 'vitest';
import type { DrawingRequest } from '../../../../src/cli/generate/draw-piece.ts';
import { drawPieces } from '../../../../src/cli/generate/threads/draw-pieces.ts';
import { EtudeError, UsageError } from '../../../../src/errors.ts';
import { generateNotes, type GeneratedMusic } from '../../../../src/music/index.ts';
import { PLAIN_SAMPLING } from '../../../../src/nn/index.ts';
import { toyModel, toySettings } from '../../../support/toy-music.ts';

const model = await toyModel(toySettings('quick', { embedding: 6, order: 'step,pitch,duration', headHidden: 4 }));
const request: DrawingRequest = { options: { ...PLAIN_SAMPLING, notes: 12 }, backend: 'reference', lasting: false };

async function drawAll(seeds: number[], more: { request?: DrawingRequest; code?: string; signal?: AbortSignal } = {}) {
  const pieces: GeneratedMusic[] = [];
  const told: number[] = [];
  const all = await drawPieces(model, more.request ?? request, seeds, {
    threads: 2,
    signal: new AbortController().signal,
    ...more,
    onProgress: (done) => void told.push(done),
    onPiece: (index, drawn) => Promise.resolve(void (pieces[index] = drawn)),
  });
  return { all, pieces, told };
}

describe('pieces drawn on threads', () => {
  it('are those that are drawn here, with all that is known of them, and are told in full', async () => {
    const { all, pieces, told } = await drawAll([3, 4, 5]);
    expect(all).toBe(true);
    expect(pieces).toEqual([3, 4, 5].map((seed) => generateNotes(model, { ...request.options, seed })));
    expect(told.at(-1)).toBe(36);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('fail as here', async () => {
    const wrong = { ...request, options: { ...request.options, temperature: 0 } };
    await expect(drawAll([1], { request: wrong })).rejects.toThrow(UsageError);
    await expect(drawAll([1], { request: wrong })).rejects.toThrow(/temperature: expected a number above 0/);
  });

  it('fail where their writing fails, and nothing more is drawn', async () => {
    const full = new EtudeError('the disk is full');
    let asked = 0;
    const onPiece = (): Promise<void> => {
      asked++;
      return Promise.reject(full);
    };
    const options = { threads: 2, signal: new AbortController().signal, onProgress: () => undefined, onPiece };
    await expect(drawPieces(model, request, Array.from({ length: 50 }, (_, k) => k), options)).rejects.toBe(full); // prettier-ignore
    expect(asked).toBe(1);
  });

  it('fail where a thread ends, with advice', async () => {
    await expect(drawAll([1, 2], { code: 'process.exit(3)' })).rejects.toThrow(EtudeError);
    await expect(drawAll([1, 2], { code: 'throw new Error("no room")' })).rejects.toThrow(/no room.*fewer --threads/);
  });

  it('are left where the signal comes', async () => {
    const { all, pieces } = await drawAll([1, 2, 3], { signal: AbortSignal.abort() });
    expect([all, pieces]).toEqual([false, []]);
  });
});
