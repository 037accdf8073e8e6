import type { OrderedNotes } from './ordered-notes.ts';
import { deviation, differences, mean } from './statistics.ts';

/** How loud the notes are, in MIDI velocities. */
export interface DynamicsFigures {
  velMean: number;
  velStd: number;
  /** The mean difference from note to note. */
  velNeigh: number;
}

export function dynamicsFigures({ velocities }: OrderedNotes): DynamicsFigures {
  return {
    velMean: mean(velocities),
    velStd: deviation(velocities),
    velNeigh: mean(differences(velocities).map(Math.abs)),
  };
}
