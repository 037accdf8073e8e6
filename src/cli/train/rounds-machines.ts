import { resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { parseRedisAddress } from '../../distributed/redis/address.ts';
import type { Machines } from '../../distributed/rounds/machines.ts';
import { openRoundsEngine } from '../../distributed/rounds/open.ts';
import type { RoundReport } from '../../distributed/rounds/rounds-engine.ts';
import { PATIENCE_SECONDS } from '../../distributed/rounds/settings.ts';
import { roundsRunId } from '../../distributed/run-id.ts';
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
  run: RoundsRun,
  terminal: Terminal,
): Promise<Machines> {
  const { plan, corpus, data } = run;
  const { preset, backend, sources, from, out } = plan;
  // How time is counted has been settled by now; a run that goes on has it so.
  const settings = { ...plan.settings, time: data.time };
  // Loaded where it is asked for: most runs have one machine.
  if (!redis) {
    const { InProcessMachines } = await import('../../distributed/rounds/in-process.ts');
    return InProcessMachines.open(data, settings, rounds, backend);
  }
  if (from) throw new UsageError('--redis: machines elsewhere make their codec from the music, and a fine-tuned model keeps its own. Leave out --redis.'); // prettier-ignore
  const [{ openRedisMachines }, { musicAtHand }] = await Promise.all([
    import('../../distributed/redis/rounds/machines.ts'),
    import('../../distributed/music-at-hand.ts'),
  ]);
  const { url, prefix, patienceSeconds = PATIENCE_SECONDS } = redis;
  const music = musicAtHand(corpus, sources);
  return openRedisMachines({
    ...{ address: parseRedisAddress(url, terminal.io.env), prefix, preset, settings, music, rounds, patienceSeconds },
    heads: data.spec.heads.length,
    run: roundsRunId({ preset, settings, music: music.digest }, rounds, resolve(out)),
    onWarning: (sentence) => { terminal.warn(sentence); },
  }); // prettier-ignore
}
