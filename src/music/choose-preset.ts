import type { Piece } from '../midi/index.ts';
import { counted, formatCount } from '../text/words.ts';
import { howTimeIsCounted, type TimeCount } from './counting-time.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { windowsOfStep, type Settings } from './settings.ts';

/** What suits a corpus, and why. */
export interface PresetChoice {
  preset: PresetName;
  /** What of the preset is set otherwise for this corpus. */
  changes: Partial<Settings>;
  /** One sentence each: what was found, and what follows from it. */
  why: string[];
}

/** What of given settings the choice depends on. */
type Given = Partial<
  Pick<Settings, 'time' | 'instrument' | 'ends' | 'seqLength' | 'validation' | 'batchSize' | 'accumulate'>
>;

/** From so many notes on a corpus of performances fills the large model. */
const LARGE = 500_000;
/** From so many notes on a written corpus is not soon learned by heart. */
const MANY = 100_000;
/** With fewer notes than that, fewer units learn as much. */
const FEW = 3_000;
/** Of fewer notes than that nothing can be held back that would say anything. */
const LITTLE = 300;
/** Windows in a step of so little. */
const SMALL_BATCH = 8;
/** More epochs than that are no longer read. */
const MOST_EPOCHS = 100;
/** Of the notes, so many should be in pieces that are long enough for a window. */
const REACHED = 0.95;
/** The part of the only piece that a window may take: a few of them should lie in the end that is held back. */
const OF_ONE_PIECE = 0.2;

/**
 * Chooses the preset for a corpus: by how much music there is, whether it is written or played, and how long its pieces are.
 * @param pieces as they were read
 * @param given what is set already
 */
export function choosePreset(pieces: readonly Piece[], given: Given = {}): PresetChoice {
  const counting = howTimeIsCounted(pieces);
  const time = given.time === undefined || given.time === 'auto' ? counting.time : given.time;
  const isPlayed = counting.time === 'seconds' && time === 'seconds';
  const notes = pieces.reduce((sum, { table }) => sum + table.length, 0);
  const found = `${counted(notes, 'note')} ${described(counting)}`;
  const drums = drumsOf(pieces, given);
  if (isPlayed && notes >= LARGE) {
    const why = `${found}: enough for the preset performance, which trains for a quarter of an hour (--minutes for more).`;
    return { preset: 'performance', changes: drums.changes, why: [why, ...drums.why] };
  }
  const size = sizeFor(notes);
  const window = windowFor(pieces, given);
  const played = isPlayed ? PLAYED : undefined;
  const little = notes < LITTLE ? LITTLE_MUSIC : undefined;
  const epochs = epochsFor(pieces, { ...PRESETS.songbook, ...window.changes, ...little?.changes, ...given });
  return {
    preset: 'songbook',
    changes: {
      ...played?.changes,
      ...size.changes,
      ...window.changes,
      ...little?.changes,
      ...epochs.changes,
      ...drums.changes,
    },
    why: [
      `${found}: the preset songbook, in ${time}.`,
      ...(played?.why ?? []),
      ...size.why,
      ...window.why,
      ...(little?.why ?? []),
      ...epochs.why,
      ...drums.why,
    ],
  };
}

/** What a small corpus of performances needs of `performance`: the rest is too large for it. */
const PLAYED = {
  changes: { sustain: true, chords: 30, velocity: 'classes' } satisfies Partial<Settings>,
  why: [
    'Performances: notes sound until the pedal is released, notes struck together count as chords, and loudness is learned: --sustain --chords 30 --velocity classes.',
  ],
};

/** What a handful of notes needs: a loss on a part of them would stop the training by chance. */
const LITTLE_MUSIC = {
  changes: { validation: 0, patience: null, batchSize: SMALL_BATCH } satisfies Partial<Settings>,
  why: [
    `Too little music to hold any out for validation, so training does not stop early either: --validation 0 --patience none.`,
  ],
};

function described({ time, onGrid, written, pieces }: TimeCount): string {
  const share = `${(100 * onGrid).toFixed(0)} % of their onsets lie on a beat grid`;
  if (time === 'beats') return `in notation (${share})`;
  if (written === 0) return `as performed (${share})`;
  return `in ${counted(pieces, 'piece')}, of which ${formatCount(written)} ${written === 1 ? 'is' : 'are'} in notation and the others as performed (${share})`;
}

function sizeFor(notes: number): Pick<PresetChoice, 'changes' | 'why'> {
  if (notes < FEW) {
    return {
      changes: { hiddenSize: 64, patience: 20 },
      why: ['So little music is soon memorised: 64 units instead of 128.'],
    };
  }
  if (notes < MANY) return { changes: {}, why: [] };
  return {
    changes: { hiddenSize: 256, dropout: 0.3, inputDropout: 0.1, epochs: 40 },
    why: ['Enough music not to be memorised soon: 256 units, less dropout, and four times as long.'],
  };
}

/** Where an epoch is short, more of them, so that the run has as many steps as the preset is meant for. */
function epochsFor(
  pieces: readonly Piece[],
  { seqLength, ends, validation, batchSize, accumulate }: Settings,
): Pick<PresetChoice, 'changes' | 'why'> {
  const usual = { epochs: PRESETS.songbook.epochs!, steps: PRESETS.songbook.stepsPerEpoch! };
  const windowsIn = (notes: number): number =>
    ends ? notes + Math.ceil(seqLength / 2) : Math.max(0, notes - seqLength);
  const windows = (1 - validation) * pieces.reduce((sum, { table }) => sum + windowsIn(table.length), 0);
  const steps = Math.max(1, Math.floor(windows / windowsOfStep({ batchSize, accumulate })));
  const epochs = Math.min(MOST_EPOCHS, Math.ceil((usual.epochs * usual.steps) / steps));
  if (epochs <= usual.epochs) return { changes: {}, why: [] };
  return { changes: { epochs }, why: [`An epoch of it has about ${counted(steps, 'step')}: up to ${epochs} epochs.`] };
}

/** The window: as in the preset, unless the pieces are shorter. */
function windowFor(pieces: readonly Piece[], { ends = true }: Given): Pick<PresetChoice, 'changes' | 'why'> {
  const lengths = pieces.map(({ table }) => table.length).sort((a, b) => a - b);
  const all = lengths.reduce((sum, length) => sum + length, 0);
  let below = 0;
  const reached = lengths.find((length) => (below += length) > (1 - REACHED) * all) ?? 0;
  // Without marks around a piece a window needs the note after it, too.
  const longest = pieces.length === 1 ? Math.floor(OF_ONE_PIECE * reached) : ends ? reached : reached - 1;
  if (longest >= PRESETS.songbook.seqLength) return { changes: {}, why: [] };
  const seqLength = Math.max(2, longest);
  const what =
    pieces.length === 1
      ? `the only piece has ${counted(reached, 'note')}`
      : 'nearly all of it is in pieces that fill one';
  return { changes: { seqLength }, why: [`Windows of ${counted(seqLength, 'note')}: ${what}.`] };
}

/** Drums are keys of a kit: none can be moved to another, and the result is for a kit. */
function drumsOf(pieces: readonly Piece[], { instrument }: Given): Pick<PresetChoice, 'changes' | 'why'> {
  const areDrums =
    pieces.length > 0 && pieces.every(({ problems }) => problems.some(({ code }) => code === 'only-drums'));
  if (instrument !== 'drums' && !areDrums) return { changes: {}, why: [] };
  return {
    changes: { instrument: 'drums', transpose: 0 },
    why: ['Drums only: nothing is transposed, and the output is a drum track (--instrument drums).'],
  };
}
