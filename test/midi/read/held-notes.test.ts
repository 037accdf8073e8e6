import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldNotes, type HeldNote } from '../../../src/midi/read/held-notes.ts';

it('held notes are released in order of onset, key by key, however many there are', () => {
  const keys = fc.constantFrom(0, 5, 2047);
  const moves = fc.array(fc.record({ key: keys, release: fc.boolean(), repeat: fc.constantFrom(1, 1, 70) }));
  fc.assert(
    fc.property(moves, (steps) => {
      const held = new HeldNotes();
      const model = new Map<number, HeldNote[]>([0, 5, 2047].map((key) => [key, []]));
      let tick = 0;
      for (const { key, release, repeat } of steps) {
        const notes = model.get(key)!;
        for (let i = 0; i < repeat; i++) {
          if (!release) {
            const note = { tick: 1e10 + tick++, velocity: tick % 128, program: (tick * 7) % 128 };
            held.press(key, note.tick, note.velocity, note.program);
            notes.push(note);
          } else if (notes.length > 0) {
            held.release(key);
            notes.shift();
          }
        }
        for (const [each, waiting] of model) expect(held.first(each)).toEqual(waiting[0]);
        expect(held.count).toBe([...model.values()].flat().length);
      }
      expect(held.keysDown()).toEqual([...model].filter(([, waiting]) => waiting.length > 0).map(([key]) => key));
    }),
  );
});
