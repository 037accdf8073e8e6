import type { StudyControlFigures, StudyData, StudyFinding, StudyUnit } from '../study-data.ts';

/** What findings are made of: a study without them. */
export type StudiedFacts = Omit<StudyData, 'findings'>;

/**
 * What one kind of finding comes to. `alike` names what was looked at and is no finding, because an untrained network of the same
 * shape does the same: `memory spans`.
 */
export interface Found {
  findings: StudyFinding[];
  alike?: string;
}

export type Finder = (study: StudiedFacts) => Found;

export const NOTHING: Found = { findings: [] };

export function found(...findings: StudyFinding[]): Found {
  return { findings };
}

/** In words, what findings are held against. */
export const UNTRAINED = 'untrained networks of this shape';

/** A figure of the studied network beside those of the untrained ones. */
export interface Beside {
  least: number;
  most: number;
  /** Where training took it: beyond all of them, by more than a margin and half of what they differ among themselves. */
  trained: 'above' | 'below' | 'alike';
}

/**
 * Holds a figure against that of the untrained networks, on the same notes.
 * @param scale on which differences count alike; the figure as it is unless given
 */
export function beside(
  { control }: StudiedFacts,
  of: (figures: StudyControlFigures) => number,
  margin: number,
  scale: (figure: number) => number = (figure) => figure,
): Beside {
  const values = control.untrained.map(of);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const slack = Math.max(margin, (scale(most) - scale(least)) / 2);
  const own = scale(of(control.trained));
  const trained = own > scale(most) + slack ? 'above' : own < scale(least) - slack ? 'below' : 'alike';
  return { least, most, trained };
}

/** `Unit 4 of layer 2`, counted from 1. */
export function nameOf({ layer, unit }: { layer: number; unit: number }, { layers }: { layers: number }): string {
  return layers > 1 ? `Unit ${unit + 1} of layer ${layer + 1}` : `Unit ${unit + 1}`;
}

export function place({ layer, unit }: Pick<StudyUnit, 'layer' | 'unit'>): { layer: number; unit: number } {
  return { layer, unit };
}

/** At the beginning of a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Within a sentence. */
export function lower(text: string): string {
  return text.replace(/^./, (letter) => letter.toLowerCase());
}
