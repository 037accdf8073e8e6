import { UsageError } from '../../errors.ts';
import type { Machines } from '../../distributed/rounds/machines.ts';
import { openRoundsEngine } from '../../distributed/rounds/open.ts';
import type { RoundReport } from '../../distributed/rounds/rounds-engine.ts';
import type { Corpus } from '../../midi/index.ts';
import type { PreparedData, RunStart } from '../../music/index.ts';
import type { Terminal } from '../terminal.ts';
import type { RoundsPlan } from './rounds-plan.ts';
import type { TrainingPlan } from './training-plan.ts';

/** A run that several machines are to train. */
interface RoundsRun {
  plan: TrainingPlan;
  corpus: Corpus;
  data: PreparedData;
  onRound: (report: RoundReport) => void;
}

/** What makes the engine of a run that several machines train; undefined where one does. */
export function roundsEngineMaker(run: RoundsRun, terminal: Terminal): RunStart['makeEngine'] {
  const { rounds } = run.plan;
  if (!rounds) return undefined;
  return async (spec, options) => {
    const machines = await openMachines(rounds, run, terminal);
    return openRoundsEngine(spec, options, { machines, rounds: rounds.settings, onRound: run.onRound });
  };
}

async function openMachines(
  { settings: rounds, redis }: RoundsPlan,
  { plan: { settings, backend }, data }: RoundsRun,
  _terminal: Terminal,
): Promise<Machines> {
  if (redis) throw new UsageError('--redis: this Etude has no machines elsewhere.');
  // Loaded where it is asked for: most runs have one machine.
  const { InProcessMachines } = await import('../../distributed/rounds/in-process.ts');
  return InProcessMachines.open(data, settings, rounds, backend);
}
