import tone from '@tonejs/midi';

/** A file as the reader of Tone.js counts it. */
export interface CountedFile {
  /** Quarters a minute from a quarter on; empty where the file names no tempo. */
  tempo: [quarter: number, bpm: number][];
  /** Time signatures, each from its quarter on; empty where the file names none. */
  meter: [quarter: number, beats: number, unit: number][];
  /** Where bars begin, until the last note has ended: by the time signatures, 4/4 as long as the file names none. */
  bars: { quarter: number; seconds: number }[];
  /** Of all tracks, in order of their starts; in quarters. */
  notes: { pitch: number; start: number; end: number; isDrum: boolean }[];
}

/**
 * Counts a file's quarters and bars with another reader than ours, which judges what we write and how we count. That reader
 * takes the first tempo from the beginning, wherever it stands.
 */
export function countedByTone(bytes: Uint8Array): CountedFile {
  const { header, tracks } = new tone.Midi(bytes);
  const { ppq } = header;
  const notes = tracks.flatMap((track) =>
    track.notes.map(({ midi, ticks, durationTicks }) => ({
      pitch: midi,
      start: ticks / ppq,
      end: (ticks + durationTicks) / ppq,
      isDrum: track.channel === 9,
    })),
  );
  const meter = header.timeSignatures.map(({ ticks, timeSignature: [beats, unit] }): CountedFile['meter'][number] => [
    ticks / ppq,
    beats,
    unit,
  ]);
  const end = notes.reduce((latest, note) => Math.max(latest, note.end), 0);
  return {
    tempo: header.tempos.map(({ ticks, bpm }) => [ticks / ppq, bpm]),
    meter,
    bars: barsOf(meter, end).map((quarter) => ({ quarter, seconds: header.ticksToSeconds(quarter * ppq) })),
    notes: notes.sort((a, b) => a.start - b.start || a.pitch - b.pitch),
  };
}

/** A new time signature begins a bar. */
function barsOf(meter: CountedFile['meter'], end: number): number[] {
  const signatures = meter[0]?.[0] === 0 ? meter : [[0, 4, 4] as const, ...meter];
  return signatures.flatMap(([from, beats, unit], i) => {
    const to = Math.min(end, signatures[i + 1]?.[0] ?? end);
    const length = (4 * beats) / unit;
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / length)) }, (_, bar) => from + bar * length);
  });
}
