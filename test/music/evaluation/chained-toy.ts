import type { Settings } from '../../../src/music/index.ts';
import { toySettings } from '../../support/toy-music.ts';

/** The settings of a small model that draws a note part by part. */
export const CHAINED: Partial<Settings> = {
  velocity: 'classes',
  embedding: 6,
  order: 'step,pitch,duration,velocity',
  headHidden: 5,
};

export function chainedSettings(overrides: Partial<Settings> = {}): Settings {
  return toySettings('quick', { ...CHAINED, ...overrides });
}
