import { noteTable } from '../../src/midi/index.ts';
import type { StudiedSong } from '../../src/study/index.ts';
import { Random } from '../../src/tensor/index.ts';

/**
 * A song of as many notes as one wants, nothing like a pianist but as long as a recital: figures and chords over wandering
 * keys, faster and slower, louder and softer.
 */
export function longSong(notes = 10_000, seed = 11): StudiedSong {
  const random = Random.stream(seed, 'long song');
  let [time, key] = [0, 60];
  const played = Array.from({ length: notes }, (_, n) => {
    const inChord = n % 5 === 2 || n % 11 === 4;
    const tempo = 1 + 0.4 * Math.sin(n / 150);
    if (!inChord) time += tempo * [0.06, 0.12, 0.12, 0.25][random.integer(4)];
    key = Math.min(96, Math.max(30, key + random.integer(9) - 4));
    const velocity = Math.round(64 + 30 * Math.sin(n / 400) + 20 * (random.uniform() - 0.5));
    return { pitch: inChord ? key - 3 - random.integer(9) : key, velocity, start: time, end: time + 0.05 + random.uniform() / 2 }; // prettier-ignore
  });
  return { name: 'a long song', instrument: 'Acoustic Grand Piano', table: noteTable(played), tempo: [[0, 120]] };
}
