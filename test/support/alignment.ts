import type { Note } from '../../src/midi/types.ts';

/** How often each pitch begins at about one moment. */
type Onset = Map<number, number>;

/**
 * The share of a score's notes that a performance of it plays in the score's order, by dynamic programming over onsets.
 * Performers spread chords, let hands come apart, add ornaments and miss notes: one onset of the score may be up to
 * eight of the performance, one of the performance up to four of the score, and either may be passed over.
 * The performance may hold other music before and after: the place that shares most notes is searched.
 */
export function matchedShare(score: readonly Note[], performance: readonly Note[]): number {
  const written = onsets(score, 0.001);
  const heard = onsets(place(score, performance), 0.02);
  const best = written.map(() => new Int32Array(heard.length + 1));
  best.push(new Int32Array(heard.length + 1));
  for (let i = 1; i <= written.length; i++) {
    for (let j = 1; j <= heard.length; j++) {
      let most = Math.max(best[i - 1][j], best[i][j - 1]);
      const union: Onset = new Map();
      for (let w = 1; w <= 8 && w <= j; w++) {
        addTo(union, heard[j - w]);
        most = Math.max(most, best[i - 1][j - w] + common(written[i - 1], union));
      }
      const chord: Onset = new Map(written[i - 1]);
      for (let w = 2; w <= 4 && w <= i; w++) {
        addTo(chord, written[i - w]);
        most = Math.max(most, best[i - w][j - 1] + common(chord, heard[j - 1]));
      }
      best[i][j] = most;
    }
  }
  return best[written.length][heard.length] / score.length;
}

/** The stretch of the performance with the most notes in common with the score, whatever their order, and some around. */
function place(score: readonly Note[], performance: readonly Note[]): Note[] {
  const notes = performance.toSorted((a, b) => a.start - b.start);
  const wanted = new Map<number, number>();
  for (const { pitch } of score) wanted.set(pitch, (wanted.get(pitch) ?? 0) + 1);
  let from = 0;
  let most = -1;
  const step = Math.max(1, Math.floor(score.length / 20));
  for (let at = 0; at === 0 || at < notes.length - score.length / 2; at += step) {
    const found = new Map<number, number>();
    for (const { pitch } of notes.slice(at, at + score.length)) found.set(pitch, (found.get(pitch) ?? 0) + 1);
    const shared = common(wanted, found);
    if (shared > most) [most, from] = [shared, at];
  }
  const margin = Math.floor(score.length / 4);
  return notes.slice(Math.max(0, from - margin), from + score.length + margin);
}

/** Notes that begin within `gap` seconds of one another are one onset. */
function onsets(notes: readonly Note[], gap: number): Onset[] {
  const groups: Onset[] = [];
  let last = -Infinity;
  for (const { pitch, start } of notes.toSorted((a, b) => a.start - b.start)) {
    if (start - last >= gap) groups.push(new Map());
    const group = groups.at(-1)!;
    group.set(pitch, (group.get(pitch) ?? 0) + 1);
    last = start;
  }
  return groups;
}

function addTo(sum: Onset, more: Onset): void {
  for (const [pitch, count] of more) sum.set(pitch, (sum.get(pitch) ?? 0) + count);
}

function common(a: Onset, b: Onset): number {
  let count = 0;
  for (const [pitch, times] of a) count += Math.min(times, b.get(pitch) ?? 0);
  return count;
}
