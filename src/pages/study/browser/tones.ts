import type { StudySong } from '../../../study/study-data.ts';
import type { Sound } from '../../kit/browser/player.ts';

/** Seconds that are handed to the sound card in advance, and how often (milliseconds). */
const AHEAD = 0.6;
const EVERY = 120;
/** Partials of a tone with their strengths, and how fast it fades (seconds until a third is left). */
const PARTIALS = [1, 0.35, 0.15];
const DECAY = 0.9;
const LOUDNESS = 0.2;

/** The notes of a song as plain tones, each made shortly before it sounds. */
export function tones(song: StudySong): Sound {
  return {
    length: song.seconds,
    start(context, output, from, when) {
      const compressor = context.createDynamicsCompressor();
      compressor.connect(output);
      const begin = when - from;
      let next = song.start.findIndex((start) => start >= from);
      if (next < 0) next = song.notes;
      const schedule = (): void => {
        const until = context.currentTime + AHEAD;
        while (next < song.notes && begin + song.start[next] < until) tone(context, compressor, song, next++, begin);
      };
      schedule();
      const timer = setInterval(schedule, EVERY);
      return () => {
        clearInterval(timer);
        compressor.disconnect();
      };
    },
  };
}

function tone(context: AudioContext, out: AudioNode, song: StudySong, note: number, begin: number): void {
  const { pitch, velocity, duration, start } = song;
  const from = Math.max(context.currentTime, begin + start[note]);
  const to = from + Math.max(0.08, duration[note]);
  const gain = context.createGain();
  const loud = LOUDNESS * ((velocity[note] ?? 80) / 127);
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(loud, from + 0.008);
  gain.gain.setTargetAtTime(0, from + 0.01, DECAY);
  gain.gain.setTargetAtTime(0, to, 0.04);
  gain.connect(out);
  PARTIALS.forEach((strength, k) => {
    const oscillator = context.createOscillator();
    const part = context.createGain();
    part.gain.value = strength;
    oscillator.frequency.value = 440 * 2 ** ((pitch[note] - 69) / 12) * (k + 1);
    oscillator.connect(part).connect(gain);
    oscillator.start(from);
    oscillator.stop(to + 0.3);
  });
}
