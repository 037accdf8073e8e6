import type { Corpus } from '../../../midi/index.ts';
import type { ComputeRound } from '../../rounds/machines.ts';
import type { MachineMessage } from './messages.ts';

/** What a worker is to be in a run that several machines train. */
export interface MachineTask extends Omit<MachineMessage, 'music' | 'build'> {
  corpus: Corpus;
}

/** A machine of a run, ready for rounds. */
export interface MachineHere {
  /** How many parameters the model has. */
  parameters: number;
  compute: ComputeRound;
  close: () => Promise<void>;
}

/** Prepares the music for a machine, and lays out its model. @throws EtudeError where no other machine could do it either */
export type OpenMachineHere = (task: MachineTask) => Promise<MachineHere>;
