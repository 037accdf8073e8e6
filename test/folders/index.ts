import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chants } from './chants.ts';
import { chordPieces } from './chords.ts';
import { drumLoops } from './drum-loops.ts';
import { gameMusic } from './game-music.ts';
import { hymns } from './hymns.ts';
import { PERFORMED, performances } from './performances.ts';
import { streamOf } from './random.ts';
import { midiOfPiece, type WrittenPiece } from './score-file.ts';
import { songbookPiece } from './songbook.ts';
import { FOLK_RHYTHMS, folkStyle, TRIPLET_RHYTHMS } from './styles.ts';
import { tune } from './tune.ts';

/** A kind of folder that people have, made by a program: the same bytes whenever it is written. */
export interface FolderKind {
  name: string;
  /** Writes the files into a folder, which is made where it is not there. */
  write(folder: string): void;
  /** The time signature that all files name, where they do. */
  metre?: [beats: number, unit: number];
  /** Whether every note of every file begins on a 24th of a quarter of its file's own tempo. */
  notated: boolean;
  /** Whose notes are meant: as `--instrument` spells it. @default first */
  instrument?: 'all' | 'drums';
  files: number;
  /** Of all files together, about; each of `instrument`. */
  notes: number;
}

type Pieces = () => Record<string, WrittenPiece> | readonly WrittenPiece[];

/** Twelve kinds of folder. */
export const FOLDERS: readonly FolderKind[] = [
  kind('one-song', { metre: [4, 4], notated: true, files: 1, notes: 976 }, () => songs(['mozart-sonata-k545'])),
  kind('hymns', { notated: true, instrument: 'all', files: 24, notes: 4300 }, hymns),
  kind('folk-tunes', { notated: true, files: 300, notes: 32_000 }, folkTunes),
  kind('drum-loops', { metre: [4, 4], notated: true, instrument: 'drums', files: 40, notes: 790 }, drumLoops),
  kind('performances', { metre: [4, 4], notated: false, files: 10, notes: 4400 }, performances),
  kind('mixed', { notated: false, files: 12, notes: 3800 }, mixed),
  kind('game-music', { metre: [4, 4], notated: true, instrument: 'all', files: 8, notes: 7000 }, gameMusic),
  kind('thirty-notes', { metre: [3, 4], notated: true, files: 1, notes: 30 }, thirtyNotes),
  kind('chords', { metre: [4, 4], notated: true, files: 12, notes: 2500 }, chordPieces),
  kind('two-tempos', { metre: [4, 4], notated: true, files: 12, notes: 1500 }, twoTempos),
  kind('triplets', { notated: true, files: 16, notes: 3400 }, triplets),
  kind('free-time', { notated: false, files: 20, notes: 1700 }, chants),
];

function kind(name: string, claims: Omit<FolderKind, 'name' | 'write'>, pieces: Pieces): FolderKind {
  const write = (folder: string): void => {
    mkdirSync(folder, { recursive: true });
    for (const [file, piece] of Object.entries(pieces())) {
      const number = /^\d+$/.test(file) ? String(Number(file) + 1).padStart(3, '0') : '';
      writeFileSync(join(folder, `${number === '' ? file : `${name}-${number}`}.mid`), midiOfPiece(piece));
    }
  };
  return { name, write, ...claims };
}

/** Pieces of the songbook as they are written. */
function songs(names: readonly string[]): Record<string, WrittenPiece> {
  return Object.fromEntries(
    names.map((name) => {
      const { instruments, options } = songbookPiece(name);
      const quarter = Math.round(6e7 / options.tempo!) / 1e6;
      const notes = instruments[0].notes.map(({ pitch, velocity, start, end }) => ({
        pitch,
        velocity,
        start: start / quarter,
        length: (end - start) / quarter,
      }));
      return [
        name,
        {
          parts: [{ notes, name }],
          tempo: [[0, options.tempo!]],
          meter: [
            [0, ...options.timeSignature!],
            ...(options.laterSignatures ?? []).map(([seconds, ...meter]): [number, number, number] => [
              seconds / quarter,
              ...meter,
            ]),
          ],
        },
      ];
    }),
  );
}

function folkTunes(): Record<string, WrittenPiece> {
  const meters = Object.entries(FOLK_RHYTHMS);
  return Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => {
      const random = streamOf('folk-tunes', i);
      const [meter, rhythms] = meters[i % meters.length];
      const { notes } = tune(random, folkStyle(random, rhythms), 2);
      const tempo = 80 + 4 * random.integer(15);
      const piece: WrittenPiece = { parts: [{ notes }], tempo: [[0, tempo]], meter: [[0, ...rhythms.meter]] };
      return [`${meter} tune ${String(i + 1).padStart(3, '0')}`, piece];
    }),
  );
}

/** Some pieces of the songbook as they are written, and others as they are played. */
function mixed(): Record<string, WrittenPiece> {
  const written = ['amazing-grace', 'auld-lang-syne', 'bach-musette-d', 'brahms-lullaby', 'petzold-minuet-g', 'twinkle', 'schumann-melody', 'frere-jacques']; // prettier-ignore
  const played = PERFORMED.slice(2, 6);
  const performed = performances(played).map((piece, i) => [`${played[i]} played`, piece] as const);
  return { ...songs(written), ...Object.fromEntries(performed) };
}

/** How little a folder may have. */
function thirtyNotes(): Record<string, WrittenPiece> {
  const [[name, piece]] = Object.entries(songs(['petzold-minuet-g']));
  const [part] = piece.parts;
  return { [name]: { ...piece, parts: [{ ...part, notes: part.notes.slice(0, 30) }] } };
}

/** Slow tunes, fast ones, and such that change in the middle. */
function twoTempos(): WrittenPiece[] {
  return Array.from({ length: 12 }, (_, i) => {
    const random = streamOf('two-tempos', i);
    const { notes, bar } = tune(random, folkStyle(random, FOLK_RHYTHMS['4-4']), 2);
    const [slow, fast] = [66, 132];
    const tempo: [number, number][] = i % 3 === 0 ? [[0, slow]] : i % 3 === 1 ? [[0, fast]] : [[0, slow], [16 * bar, fast]]; // prettier-ignore
    return { parts: [{ notes }], tempo, meter: [[0, 4, 4]] };
  });
}

/** Tunes in 12/8, and such in 4/4 whose eighths swing, written as triplets. */
function triplets(): Record<string, WrittenPiece> {
  const kinds = Object.entries(TRIPLET_RHYTHMS);
  return Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => {
      const random = streamOf('triplets', i);
      const [name, rhythms] = kinds[i % kinds.length];
      const { notes } = tune(random, folkStyle(random, rhythms), 2);
      const piece: WrittenPiece = { parts: [{ notes }], tempo: [[0, 112]], meter: [[0, ...rhythms.meter]] };
      return [`${name} ${i + 1}`, piece];
    }),
  );
}
