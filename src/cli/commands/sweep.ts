import { setMaxListeners } from 'node:events';
import type { Coordinator } from '../../distributed/coordinator.ts';
import { planRuns } from '../../distributed/plan-runs.ts';
import { driveSweep, type SweepEvent } from '../../distributed/sweep.ts';
import { counted } from '../../text/words.ts';
import type { ActionOf } from '../command.ts';
import { EXIT, InterruptedError } from '../exit-codes.ts';
import { makeFolder } from '../files.ts';
import type { sweep as words } from '../sweep-table.ts';
import { checkSweepCall, newSweep, resumedSweep, type SweepCall } from '../sweep/begin-sweep.ts';
import { SweepProgress } from '../sweep/progress-of-sweep.ts';
import { reportSweep, resumeSweepCommand } from '../sweep/report-sweep.ts';
import { openCoordinator } from '../sweep/open-coordinator.ts';
import { checkSweepFolder, SweepFolder, writeSweepConfig, type SweepConfig } from '../sweep/sweep-folder.ts';
import { sweepView } from '../sweep/sweep-view.ts';
import { waitForRuns } from '../sweep/wait-for-runs.ts';
import { holdRunFolder } from '../train/hold-folder.ts';

/** `etude sweep`: many runs with settings drawn from a space. */
export const sweep: ActionOf<typeof words> = async (call) => {
  const { options, terminal } = call;
  const out = checkSweepCall(call);
  if (options.resume) {
    const config = resumedSweep(out, call);
    return holdRunFolder(out, terminal, () => runSweep(out, config, call));
  }
  checkSweepFolder(out);
  const { config, space } = await newSweep(out, call);
  // What makes no sense is said before anything is written.
  planRuns(config);
  return holdRunFolder(out, terminal, () => {
    checkSweepFolder(out);
    writeSweepConfig(out, config, space);
    return runSweep(out, config, call);
  });
};

/** Has all runs trained that have not ended, and reports. */
async function runSweep(out: string, config: SweepConfig, call: SweepCall): Promise<number> {
  const { options, terminal } = call;
  const interrupt = terminal.interrupts('stopping; the runs that are training will be saved');
  const timeOver = new AbortController();
  const signal = AbortSignal.any([interrupt, timeOver.signal]);
  const runs = planRuns(config);
  const folder = new SweepFolder(out);
  makeFolder(folder.folderOf({ id: '' }));
  folder.openLog();
  folder.note({ event: options.resume ? 'resume' : 'begin', step: 0, runs: runs.length });
  if (options.resume) await waitForRuns(runs.map((run) => folder.folderOf(run)), interrupt, terminal); // prettier-ignore
  const progress = new SweepProgress(config, runs, runs.map((run) => folder.stateOf(run))); // prettier-ignore
  terminal.say(describeBeginning(config, runs.length, progress.ended));
  const view = sweepView(progress, terminal);
  // The sentence that Ctrl-C is answered with stands below the table.
  interrupt.addEventListener('abort', view.leave.bind(view), { once: true });
  const onEvent = (event: SweepEvent): void => {
    progress.take(event);
    noteEvent(folder, runs[event.run].id, event);
    view.show(event);
  };
  const coordinator = await openCoordinator(config, call, (run, why) => {
    folder.note({ event: 'retry', step: 0, run, why });
  });
  // Each process that trains listens to it.
  setMaxListeners(0, signal);
  const { minutes } = options;
  const timer = minutes === undefined ? undefined : setTimeout(() => { timeOver.abort(); }, 60_000 * minutes); // prettier-ignore
  const counting = setInterval(() => void countMachines(coordinator, progress), COUNT_MACHINES_MS);
  let complete: boolean;
  try {
    await countMachines(coordinator, progress);
    complete = await driveSweep({ plan: config, runs, store: folder, coordinator, signal, onEvent });
  } finally {
    clearInterval(counting);
    clearTimeout(timer);
    view.stop();
    await coordinator.close();
  }
  const failed = new Map([...progress.failed].map(([run, why]) => [runs[run].id, why]));
  folder.note({ event: 'end', step: 0, complete });
  reportSweep({ plan: config, runs, folder, failed, complete }, terminal);
  if (interrupt.aborted) throw new InterruptedError(`interrupted; everything is saved. Go on with: ${resumeSweepCommand(out)}.`); // prettier-ignore
  if (!complete) terminal.say(`The time is over. Go on with: ${resumeSweepCommand(out)}`);
  return complete && failed.size === runs.length ? EXIT.failure : EXIT.ok;
}

/** Machines come and go, but not by the second. */
const COUNT_MACHINES_MS = 2000;

async function countMachines(coordinator: Coordinator, progress: SweepProgress): Promise<void> {
  // Of a Redis that does not answer its connection tells.
  progress.machines = await coordinator.atOnce().catch(() => progress.machines);
}

function noteEvent(folder: SweepFolder, run: string, event: SweepEvent): void {
  if (event.event === 'job') folder.note({ event: 'job', step: 0, run, until: event.until });
  if (event.event === 'failed') folder.note({ event: 'failed', step: 0, run, until: event.until, why: event.why });
  if (event.event === 'result') {
    const { machine, ended, step } = event.result;
    folder.note({ event: 'result', step, run, until: event.until, machine, ended });
  }
}

function describeBeginning({ method, seed, halving }: SweepConfig, runs: number, ended: number): string {
  const drawn = method === 'grid' ? 'all combinations of a grid' : `drawn at random with seed ${seed}`;
  const rungs = halving ? `; one in ${halving.reduction} goes on from each rung` : '';
  return `${counted(runs, 'run')}, ${drawn}${rungs}${ended > 0 ? `; ${ended} ended before` : ''}.`;
}
