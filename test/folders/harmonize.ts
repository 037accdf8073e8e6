import type { WrittenNote } from './score-file.ts';

/** Chords of a major key as semitones above its keynote: root, third, fifth. */
const CHORDS = {
  I: [0, 4, 7],
  ii: [2, 5, 9],
  IV: [5, 9, 0],
  V: [7, 11, 2],
  vi: [9, 0, 4],
} as const;
type ChordName = keyof typeof CHORDS;
const NAMES = Object.keys(CHORDS) as ChordName[];

/** What it costs that a chord follows another; what is not here costs 1. */
const MOVES: Partial<Record<`${ChordName} ${ChordName}`, number>> = {
  'V I': 0, 'V vi': 2, 'V IV': 8, 'V ii': 8, 'IV V': 0, 'IV I': 1, 'ii V': 0, 'ii I': 5, 'ii IV': 3,
  'vi ii': 0, 'vi IV': 0, 'I IV': 0, 'I V': 0, 'I vi': 1, 'vi I': 4,
}; // prettier-ignore

const RANGES = { bass: [40, 62], tenor: [48, 67], alto: [53, 74] } as const;
/** How many of the best beginnings are followed. */
const BEAM = 10;
/** How many ways to sing each chord are tried. */
const VOICINGS = 24;
const PARALLEL = 100;
const CROSSING_SOPRANO = 50;

/** A chord as four voices sing it, from the top down. */
interface Voicing {
  chord: ChordName;
  keys: readonly [soprano: number, alto: number, tenor: number, bass: number];
  cost: number;
}

interface Path {
  voicing: Voicing;
  cost: number;
  before?: Path;
}

/**
 * Four voices for a melody by the rules of the schoolbook: a chord for each beat that has the melody's note, the others
 * close to where they were, no two voices in parallel fifths or octaves, none above its neighbour, and V before the last I.
 * The best of the paths that a beam search finds.
 * @param soprano one voice in a major key
 * @param key the pitch class of its keynote
 * @returns soprano, alto, tenor, bass
 */
export function harmonize(soprano: readonly WrittenNote[], key: number, meter: [number, number]): WrittenNote[][] {
  const slots = beatsOf(soprano, meter);
  const known = new Map<string, Voicing[]>();
  const voicingsFor = (pitch: number, chords: readonly ChordName[]): Voicing[] => {
    const fitting = [chords, NAMES].map((some) => some.filter((chord) => classesOf(chord, key).includes(pitch % 12)));
    return (fitting.find(({ length }) => length > 0) ?? NAMES).flatMap((chord) => {
      const name = `${pitch} ${chord}`;
      let voicings = known.get(name);
      if (voicings === undefined) known.set(name, (voicings = voicingsOf(pitch, key, chord)));
      return voicings;
    });
  };
  let paths: Path[] = [];
  for (const [i, { pitch }] of slots.entries()) {
    const left = slots.length - 1 - i;
    const isEnd = left === 0;
    const wanted: readonly ChordName[] = i === 0 || isEnd ? ['I'] : left === 1 ? ['V', 'IV', 'ii'] : NAMES;
    const voicings = voicingsFor(pitch, wanted).filter(({ chord, keys }) => !isEnd || isRoot(keys[3], chord, key));
    paths = voicings.map((voicing) => best(paths, voicing)).sort((a, b) => a.cost - b.cost).slice(0, BEAM); // prettier-ignore
  }
  const chosen: Voicing[] = [];
  for (let path: Path | undefined = paths[0]; path !== undefined; path = path.before) chosen.unshift(path.voicing);
  const voices = [1, 2, 3].map((voice) =>
    chosen.map(({ keys }, i) => ({ pitch: keys[voice], velocity: 70, start: slots[i].start, length: slots[i].length })),
  );
  return [[...soprano], ...voices];
}

/** The beats on which the melody sings, each with what it sings then; until the next one or the end. */
function beatsOf(soprano: readonly WrittenNote[], [beats, unit]: [number, number]): WrittenNote[] {
  const beat = beats % 3 === 0 && unit === 8 ? 1.5 : 4 / unit;
  const last = soprano.at(-1)!;
  const starts = [...new Set(soprano.map(({ start }) => Math.floor(start / beat + 1e-6) * beat))];
  return starts.map((slot, i) => {
    const note = soprano.find(({ start, length }) => start + length > slot + 1e-6)!;
    const start = Math.max(slot, note.start);
    return { ...note, start, length: (starts[i + 1] ?? last.start + last.length) - start };
  });
}

function best(paths: readonly Path[], voicing: Voicing): Path {
  let found: Path = { voicing, cost: voicing.cost };
  if (paths.length === 0) return found;
  found.cost = Infinity;
  for (const before of paths) {
    // In order of their costs, so that none after this one can be better.
    if (before.cost + voicing.cost >= found.cost) break;
    const cost = before.cost + voicing.cost + moveCost(before.voicing, voicing);
    if (cost < found.cost) found = { voicing, cost, before };
  }
  return found;
}

function moveCost(from: Voicing, to: Voicing): number {
  let cost = from.chord === to.chord ? 0.5 : (MOVES[`${from.chord} ${to.chord}`] ?? 1);
  for (let voice = 1; voice < 4; voice++) {
    const leap = Math.abs(to.keys[voice] - from.keys[voice]);
    cost += (voice === 3 ? 0.1 : 0.3) * leap + (leap > 9 ? 5 : 0);
  }
  return cost + PARALLEL * parallels(from.keys, to.keys);
}

/** How many pairs of voices move from a fifth or an octave to another. */
export function parallels(from: readonly number[], to: readonly number[]): number {
  let count = 0;
  for (let high = 0; high < 3; high++) {
    for (let low = high + 1; low < 4; low++) {
      const interval = (from[high] - from[low]) % 12;
      const isPerfect = interval === 0 || interval === 7;
      if (isPerfect && from[low] !== to[low] && (to[high] - to[low]) % 12 === interval) count++;
    }
  }
  return count;
}

/** The best ways to sing a chord below a note. */
function voicingsOf(soprano: number, key: number, chord: ChordName): Voicing[] {
  const classes = classesOf(chord, key);
  const all: Voicing[] = [];
  for (const bass of keysIn(RANGES.bass, classes.slice(0, 2))) {
    for (const tenor of keysIn(RANGES.tenor, classes)) {
      if (tenor < bass) continue;
      for (const alto of keysIn(RANGES.alto, classes)) {
        if (alto < tenor || alto - tenor > 12) continue;
        const keys = [soprano, alto, tenor, bass] as const;
        all.push({ chord, keys, cost: voicingCost(keys, classes) });
      }
    }
  }
  return all.sort((a, b) => a.cost - b.cost).slice(0, VOICINGS);
}

function voicingCost([soprano, alto, tenor, bass]: Voicing['keys'], classes: readonly number[]): number {
  const sung = [soprano, alto, tenor, bass].map((each) => each % 12);
  const missing = classes.filter((each) => !sung.includes(each)).length;
  const inverted = bass % 12 === classes[0] ? 0 : 1.5;
  const thirds = sung.filter((each) => each === classes[1]).length;
  const wide = soprano - alto > 12 ? 4 : 0;
  return 4 * missing + inverted + (thirds > 1 ? 2 : 0) + wide + (alto > soprano ? CROSSING_SOPRANO : 0);
}

function isRoot(bass: number, chord: ChordName, key: number): boolean {
  return bass % 12 === classesOf(chord, key)[0];
}

function classesOf(chord: ChordName, key: number): number[] {
  return CHORDS[chord].map((semitones) => (semitones + key) % 12);
}

function keysIn([low, high]: readonly [number, number], classes: readonly number[]): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((each) => classes.includes(each % 12));
}
