import type { Corpus } from '../../../midi/index.ts';
import { prepareDataInTurns } from '../../../music/index.ts';
import { parameterCount } from '../../../nn/index.ts';
import type { ComputeRound } from '../../rounds/machines.ts';
import { openMachineEngine, RoundMachine } from '../../rounds/round-machine.ts';
import type { MachineMessage } from './messages.ts';

/** What a worker is to be in a run that several machines train. */
export interface MachineTask extends MachineMessage {
  corpus: Corpus;
}

/** A machine of a run, ready for rounds. */
export interface MachineHere {
  /** How many parameters the model has. */
  parameters: number;
  compute: ComputeRound;
  close: () => Promise<void>;
}

/** Makes a machine ready. @throws EtudeError where no other could do it either */
export type OpenMachineHere = (task: MachineTask) => Promise<MachineHere>;

/** Prepares the music for a machine, and lays out its model; see {@link RoundMachine}. */
export const openMachineHere: OpenMachineHere = async ({ corpus, settings, machine, machines, innerSteps }) => {
  const data = await prepareDataInTurns(corpus, settings);
  const model = await openMachineEngine(data, settings, 'auto');
  const { compute } = new RoundMachine(data, settings, { machine, machines, innerSteps }, model);
  return { parameters: parameterCount(data.spec), compute, close: () => model.engine.dispose() };
};
