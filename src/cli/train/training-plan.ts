import type { MusicModel, SettingKey, Settings } from '../../music/index.ts';
import type { Checkpoint } from '../../nn/index.ts';
import type { ReadLimits } from '../../midi/index.ts';
import type { RoundsPlan } from './rounds-plan.ts';
import type { SampleLength } from './run-config.ts';

/** A run that is to be made, all options checked. */
export interface TrainingPlan {
  out: string;
  preset: string;
  settings: Settings;
  /** Whether every file that is left out is named; undefined where there is no option for it. */
  listLeftOut?: boolean;
  /** Absolute paths and patterns. */
  sources: readonly string[];
  backend: string;
  threads: number | 'auto';
  /** How long each sample is. */
  sampleNotes: SampleLength;
  /** Steps between two looks into the network; not watched unless given. */
  watch?: number;
  /** The training step at which it pauses. */
  until?: number;
  /** Where several machines train it together. */
  rounds?: RoundsPlan;
  cacheDir?: string;
  /** What a MIDI file may cost. */
  limits?: ReadLimits;
  /** The model with whose weights and codec it begins, or has begun; where that lies. */
  from?: MusicModel;
  fromPath?: string;
  /** Present when a run goes on. */
  resumed?: { checkpoint?: Checkpoint; changed: readonly SettingKey[]; scheduleFrom?: 'here' | number };
}
