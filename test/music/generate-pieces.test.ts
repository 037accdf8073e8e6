import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { GRID, PLACE_SECONDS, placesOf } from '../../src/midi/beats.ts';
import { readMidi, type Meter, type NoteEvent } from '../../src/midi/index.ts';
import { beginning } from '../../src/music/drawing/beginning.ts';
import { StatefulRun } from '../../src/music/drawing/note-source.ts';
import { asPlayed, generateNotes, type GenerateOptions } from '../../src/music/generate.ts';
import { layOut, midiOf, musicModel, scaleOf, type MusicModel, type Settings } from '../../src/music/index.ts';
import { writtenTime } from '../../src/music/output.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { primerFromText } from '../../src/music/primer.ts';
import { decodeCheckpoint, PLAIN_SAMPLING } from '../../src/nn/index.ts';
import { countedByTone } from '../support/bars.ts';
import { corpusOf, toyModel, toyPiece, toySettings, toySong, trainToy } from '../support/toy-music.ts';

const PIANO = { program: 0, isDrum: false };
const OPTIONS: GenerateOptions = { ...PLAIN_SAMPLING, seed: 1 };

/** Songs in 3/4 at 90 to the minute, of 24 notes each. */
const songs = corpusOf(
  ...[45, 48, 51, 54, 57, 60].map((key) => ({
    ...toyPiece(`song ${key}`, toySong(key, 24)),
    timing: { tempo: [[0, 90]] as [number, number][], meter: [[0, 3, 4]] as [number, number, number][] },
  })),
);
const settings = (overrides: Partial<Settings> = {}): Settings =>
  toySettings('songbook', { embedding: 8, headHidden: 8, transpose: 0, dropout: 0, inputDropout: 0, ...overrides });

/** Trained until it hears where a piece ends. */
const trained = await (async () => {
  const own = settings({ hiddenSize: 16, maxSteps: 200, stepsPerEpoch: 200, time: 'beats', validation: 0, learningRate: 0.02 }); // prettier-ignore
  const { last } = await trainToy(prepareData(songs, own), own, { backend: 'auto' });
  return musicModel(decodeCheckpoint(last));
})();
const loud = await toyModel(settings({ time: 'beats' }), songs);
const inSeconds = await toyModel(settings({ time: 'seconds', ends: false }), songs);

/** The model with a step head that says the end with the given odds, whatever it hears. */
function ending(model: MusicModel, logit: number): MusicModel {
  const end = model.codec.endClass!;
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, values]) => {
      const isBias = /step/.test(name) && values.length === end + 1;
      const isOther = /step/.test(name) && !isBias;
      return [name, isBias ? values.map((_, k) => (k === end ? logit : 0)) : isOther ? values.map(() => 0) : values];
    }),
  );
  return { ...model, parameters };
}

describe('a piece that ends by itself', () => {
  it('ends where the model ends it, or is stopped after 2,000 notes', () => {
    const lengths = [1, 2, 3, 4].map((seed) => {
      const { notes, ended, events } = generateNotes(trained, { ...OPTIONS, seed, notes: 'auto' });
      expect(ended).toBe('end');
      expect(events.length).toBeGreaterThan(0);
      return notes.length;
    });
    expect(Math.max(...lengths)).toBeLessThan(300);
    // A model that never says so is ended by the rising odds.
    const never = generateNotes(ending(loud, -8), { ...OPTIONS, notes: 'auto', primer: [], recall: { recall: 0 } });
    expect([never.ended, never.notes.length < 1000]).toEqual(['end', true]);
    // Unless it finds the end impossible.
    const { ended, notes } = generateNotes(ending(loud, -500), { ...OPTIONS, notes: 'auto', primer: [], recall: { recall: 0 } }); // prettier-ignore
    expect([ended, notes.length]).toEqual(['notes', 2000]);
  });

  it('does not end before its sixteenth note, the primer counted, however likely the end is', () => {
    const sure = ending(loud, 60);
    const lengthAfter = (primer: NoteEvent[]) => {
      const { events, ended } = generateNotes(sure, { ...OPTIONS, notes: 'auto', primer, recall: { recall: 0 } });
      expect(ended).toBe('end');
      return events.length;
    };
    expect(lengthAfter([])).toBe(16);
    expect(lengthAfter(sure.primer.notes.slice(0, 5))).toBe(11);
    // One note is drawn after a primer that is a whole piece.
    const whole = primerFromText('c4 d4 e4 f4 '.repeat(6), { model: sure });
    expect(lengthAfter(whole)).toBe(1);
  });

  it('ends with odds that double every 4 notes for short pieces, from the length of the median piece on', () => {
    // Of steps all alike the end has the odds that it is given: e ** -logit notes to one.
    const logit = -3;
    const model = ending(loud, logit);
    const { notes: median } = model.codec.spec.ends!;
    expect(median).toBe(24);
    const classes = model.codec.endClass!;
    const survival = (length: number): number => {
      let alive = 1;
      for (let n = 16; n <= length; n++) {
        const odds = (Math.exp(logit) / classes) * 2 ** (Math.max(0, n - median) / 4);
        alive *= 1 - odds / (1 + odds);
      }
      return alive;
    };
    const lengths = Array.from({ length: 160 }, (_, seed) => {
      return generateNotes(model, { ...OPTIONS, seed, notes: 'auto', primer: [], recall: { recall: 0 } }).events.length;
    }).sort((a, b) => a - b);
    for (const length of [40, 60, 80, 100]) {
      const longer = lengths.filter((each) => each > length).length / 160;
      expect(Math.abs(longer - survival(length)), `longer than ${length}`).toBeLessThan(0.1);
    }
  });

  it('never ends early where a number of notes or of seconds is asked for', () => {
    const sure = ending(loud, 60);
    for (const notes of [1, 17, 120]) {
      const drawn = generateNotes(sure, { ...OPTIONS, notes, recall: { recall: 0 } });
      expect([drawn.notes.length, drawn.ended]).toEqual([notes, 'notes']);
    }
    expect(generateNotes(sure, { ...OPTIONS, seconds: 30, recall: { recall: 0 } }).ended).toBe('seconds');
    // With both, whichever comes first.
    expect(generateNotes(sure, { ...OPTIONS, notes: 'auto', seconds: 3600, recall: { recall: 0 } }).ended).toBe('end');
    expect(generateNotes(sure, { ...OPTIONS, notes: 'auto', seconds: 0.1, recall: { recall: 0 } }).ended).toBe('seconds'); // prettier-ignore
  });

  it('is refused of a model that knows no ends, which says what to do', () => {
    const draw = () => generateNotes(inSeconds, { ...OPTIONS, notes: 'auto' });
    expect(draw).toThrow(UsageError);
    expect(draw).toThrow(/does not know how pieces end\. Give a number of notes, or train with --ends/);
  });

  it('is the same for the same seed, told note by note', () => {
    const told: unknown[] = [];
    const options: GenerateOptions = { ...OPTIONS, seed: 5, notes: 'auto' };
    const drawn = generateNotes(trained, {
      ...options,
      onNote(_, total, { event }) {
        expect(total).toBe(2000);
        told.push(event);
      },
    });
    expect(generateNotes(trained, options)).toEqual(drawn);
    expect(told).toEqual(drawn.events);
    expect(generateNotes(trained, { ...options, seed: 6 }).events).not.toEqual(drawn.events);
  });
});

describe('music without a primer', () => {
  it('begins with the mark of a beginning, at the first place of a bar of the first signature', () => {
    const told = new StatefulRun(loud);
    told.begin({ meter: [3, 4], place: 0 });
    const source = new StatefulRun(loud);
    expect(beginning(loud, source, { meter: [3, 4], place: 0 })).toBe(source);
    expect([...source.hidden]).toEqual([...told.hidden]);
    const { events } = generateNotes(loud, { ...OPTIONS, notes: 3, primer: [] });
    let at = 0;
    for (const { bar, step } of events) {
      at += Math.round(step / PLACE_SECONDS);
      expect(bar).toEqual({ meter: [3, 4], place: at % 72 });
    }
  });

  it('has a first note that the model says, not the frequencies', () => {
    const sure = ending(loud, -60);
    const first = new Set(
      Array.from({ length: 60 }, (_, seed) => generateNotes(sure, { ...OPTIONS, seed, notes: 1, primer: [] }).events[0].step), // prettier-ignore
    );
    // All steps are alike to it; in the songs most first steps are not.
    expect(first.size).toBe(loud.codec.endClass);
  });
});

describe('the time signature of drawn music', () => {
  const both = corpusOf(...songs.pieces, { ...songs.pieces[0], path: 'four', name: 'four', timing: { tempo: [[0, 90]], meter: [[0, 4, 4]] } }); // prettier-ignore
  const of = async () => toyModel(settings({ time: 'beats', validation: 0 }), both);
  const drawn = (model: MusicModel, options: Partial<GenerateOptions>) =>
    generateNotes(model, { ...OPTIONS, notes: 30, ...options });

  it('is the one that is asked for among those that were learned', async () => {
    const model = await of();
    expect(model.codec.spec.beats!.meters).toEqual([[3, 4], [4, 4]]); // prettier-ignore
    expect(drawn(model, {}).beats!.first.meter).toEqual([3, 4]);
    const { beats, events } = drawn(model, { meter: [4, 4] });
    expect(beats!.first.meter).toEqual([4, 4]);
    expect(events.every(({ bar }) => bar!.meter[0] === 4)).toBe(true);
  });

  it('is refused where it was not learned, where there is a primer, and where there are no bars', async () => {
    const model = await of();
    expect(() => drawn(model, { meter: [6, 8] })).toThrow(/learned from 3\/4 and 4\/4, not from 6\/8/);
    expect(() => drawn(model, { meter: [3, 4], primer: model.primer.notes })).toThrow(UsageError);
    expect(() => drawn(inSeconds, { meter: [3, 4], primer: [] })).toThrow(/knows no bars/);
  });
});

describe('the loudness of drawn music', () => {
  it('is that of the training pieces by octave and place, where none is learned', () => {
    const { loudness } = loud.codec.spec.beats!;
    const { events } = generateNotes(loud, { ...OPTIONS, notes: 40 });
    for (const { pitch, velocity, bar } of events) {
      expect(velocity).toBe(Math.max(1, loudness![(bar!.place === 0 ? 0 : 11) + Math.floor(pitch / 12)]));
    }
  });
});

describe('the tempo of drawn music', () => {
  it('is the median of what was learned, or what is asked for, and only the seconds change', () => {
    const usual = generateNotes(loud, { ...OPTIONS, notes: 30 });
    expect(usual.beats!.tempo).toBeCloseTo(90, 3);
    const twice = generateNotes(loud, { ...OPTIONS, notes: 30, tempo: 2 * usual.beats!.tempo });
    expect(twice.events).toEqual(usual.events);
    twice.notes.forEach((note, i) => {
      expect(note.start).toBeCloseTo(usual.notes[i].start / 2, 4);
    });
    expect(layOut(usual.events, { scale: scaleOf(usual.beats!) })).toEqual(usual.notes);
    // The model's seconds are those of 120 quarters a minute.
    expect(scaleOf({ tempo: 120 })).toBe(1);
    expect(scaleOf({ tempo: 60 })).toBe(2);
  });

  it('counts in the seconds that music may last', () => {
    for (const tempo of [30, 240]) {
      const { notes, ended } = generateNotes(loud, { ...OPTIONS, seconds: 7, tempo });
      expect(ended).toBe('seconds');
      expect(Math.max(...notes.map(({ end }) => end))).toBeLessThanOrEqual(7);
    }
  });

  it('is refused where there is none, or no file can say it', () => {
    expect(() => generateNotes(inSeconds, { ...OPTIONS, notes: 1, tempo: 90 })).toThrow(/counts time in seconds .* Leave it out, or train with --time beats/); // prettier-ignore
    for (const tempo of [0, 3.9, 60_001, NaN]) {
      expect(() => generateNotes(loud, { ...OPTIONS, notes: 1, tempo })).toThrow(/expected 4 to 60000 quarters a minute, got/); // prettier-ignore
    }
    expect(writtenTime(inSeconds)).toBeUndefined();
    // A tempo that a file can say stays, and 108 is not shown as 107.
    for (let m = 100_000; m < 2_000_000; m += 997) expect(writtenTime(loud, 6e7 / m)).toEqual({ tempo: 6e7 / m });
    expect(Math.floor(writtenTime(loud, 108)!.tempo)).toBe(108);
    expect(generateNotes(inSeconds, { ...OPTIONS, notes: 3 })).not.toHaveProperty('beats');
  });

  it('of a model that counts beats does not go with the mistakes of the tutorial', async () => {
    const scalar = await toyModel(toySettings('tutorial', { time: 'beats' }), songs);
    expect(() => generateNotes(scalar, { ...OPTIONS, notes: 1, compat: 'tutorial' })).toThrow(/counts time in beats\. .*--time seconds/); // prettier-ignore
    expect(generateNotes(scalar, { ...OPTIONS, notes: 9 }).beats!.first.meter).toEqual([3, 4]);
  });
});

describe('the file of drawn music', () => {
  /** Where the bars of a file and those of the model are, in quarters from the first note. */
  function compareBars(model: MusicModel, options: Partial<GenerateOptions>): void {
    const { notes, events, beats, played } = generateNotes(model, { ...OPTIONS, notes: 40, ...options });
    expect(played).toEqual(asPlayed(model, notes, 1));
    const bytes = midiOf(played, PIANO, beats);
    const { tempo, meter, notes: written, bars } = countedByTone(bytes);
    expect(tempo).toHaveLength(1);
    expect(tempo[0][1]).toBeCloseTo(beats!.tempo, 4);
    const { meter: signature } = beats!.first;
    expect(meter.at(-1)!.slice(1)).toEqual(signature);
    const starts = new Set(bars.map(({ quarter }) => Math.round(quarter * GRID)));
    // Every event that starts where the model begins a bar starts where the file does, and no other.
    const origin = Math.round(written[0].start * GRID);
    let at = 0;
    for (const [i, { step, bar }] of events.entries()) {
      if (i > 0) at += Math.round(step / PLACE_SECONDS);
      // A pickup begins with a bar line of its own.
      if (at === 0 && bar!.place > 0) continue;
      expect(starts.has(origin + at), `event ${i} at ${at}`).toBe(bar!.place === 0);
    }
    for (const { start } of written) expect(Math.abs(start * GRID - Math.round(start * GRID))).toBeLessThan(1e-9);
    expect(readMidi(bytes).problems).toEqual([]);
    expect(written).toHaveLength(notes.length);
  }

  it('has its tempo and time signature, and its bars where the model has them', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      compareBars(trained, { seed });
      compareBars(loud, { seed, primer: [] });
      compareBars(loud, { seed, tempo: 137 });
    }
  });

  it('has a bar as long as a pickup where music begins within one, for every place of common bars', () => {
    const meters: Meter[] = [[2, 4], [3, 4], [4, 4], [6, 8]]; // prettier-ignore
    const note = { pitch: 60, velocity: 80, start: 0, end: 60 };
    for (const meter of meters) {
      const bar = placesOf(meter);
      for (let place = 0; place < bar; place++) {
        const { bars, meter: signatures, notes } = countedByTone(midiOf([note], PIANO, { tempo: 120, first: { meter, place } })); // prettier-ignore
        const first = Math.round(notes[0].start * GRID);
        const lines = bars.map(({ quarter }) => Math.round(quarter * GRID));
        expect(signatures.at(-1)!.slice(1)).toEqual(meter);
        // The note stands at its place: the first bar line after it is as far as the model thinks.
        const next = lines.find((line) => line > first)!;
        expect(next - first, `${meter.join('/')} at ${place}`).toBe(bar - place);
        const after = lines.filter((line) => line >= next);
        after.slice(1).forEach((line, k) => {
          expect(line - after[k]).toBe(bar);
        });
        // A rest stands before it only where no signature is as short as the pickup.
        if (place % 3 === 0) expect(first).toBe(0);
        expect(first === 0 || first === place).toBe(true);
        expect(notes[0].end - notes[0].start).toBeCloseTo(120, 6);
      }
    }
  });

  it('is in seconds for a model that counts seconds', () => {
    const { played, beats } = generateNotes(inSeconds, { ...OPTIONS, notes: 20 });
    expect(midiOf(played, PIANO, beats)).toEqual(midiOf(played, PIANO));
  });

  it('strikes every key once at a time, at any tempo', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.double({ min: 20, max: 300, noNaN: true }), (seed, tempo) => {
        const { played, beats, struckWhileHeld } = generateNotes(loud, { ...OPTIONS, seed, notes: 60, tempo });
        expect(struckWhileHeld).toBe(0);
        const { notes } = countedByTone(midiOf(played, PIANO, beats));
        const until = new Map<number, number>();
        for (const { pitch, start, end } of notes) {
          expect(start).toBeGreaterThanOrEqual(until.get(pitch) ?? 0);
          until.set(pitch, end);
        }
      }),
      { numRuns: 20 },
    );
  });
});
