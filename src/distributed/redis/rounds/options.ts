import type { Settings } from '../../../music/index.ts';
import type { MusicAtHand } from '../../music-at-hand.ts';
import type { RoundSettings } from '../../rounds/settings.ts';
import type { AskerOptions } from '../asker.ts';

export interface RedisMachinesOptions extends AskerOptions {
  /** The id of the run, which is the same when it is resumed. */
  run: string;
  preset: string;
  settings: Settings;
  /** The music as its settings read it. */
  music: Pick<MusicAtHand, 'digest' | 'bytes'>;
  /** How many machines there are to be, how many steps each takes in a round, and how its differences travel. */
  rounds: Pick<RoundSettings, 'machines' | 'innerSteps' | 'differences'>;
  /** How many heads the model has: each training step has a loss for each of them. */
  heads: number;
  /** After so long a round goes on with half of the machines. */
  patienceSeconds: number;
}
