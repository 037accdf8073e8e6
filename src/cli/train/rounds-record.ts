import type { RoundReport } from '../../distributed/rounds/rounds-engine.ts';
import type { TrainerCallbacks } from '../../nn/index.ts';
import { counted, formatCount, formatSeconds, inWords } from '../../text/words.ts';
import { formatBytes } from '../files.ts';
import type { LogEntry, LogFile } from '../log-file.ts';
import type { Terminal } from '../terminal.ts';
import type { RunRecorder } from './recorder.ts';
import type { RoundsPlan } from './rounds-plan.ts';

/** Saving takes at most a tenth of the time: what lies between is so many times as long. */
const TIMES_SAVING = 9;
/** Where a round is a single step, at least so long, in milliseconds. */
const LEAST_BETWEEN = 5000;

/** Shows the rounds of a run and puts them on disk: log, progress, and when the state is saved. */
export class RoundsRecord implements TrainerCallbacks {
  readonly #plan: RoundsPlan;
  readonly #log: LogFile;
  readonly #recorder: RunRecorder;
  readonly #terminal: Terminal;
  readonly #leastBetween: number;
  /** Whether the rounds go on from those of an earlier session. */
  #goesOn: boolean;
  #savedAt = performance.now();
  #savingTook = 0;
  #asked?: number;

  /** @param goesOn whether the run is resumed */
  constructor(
    plan: RoundsPlan,
    { log, recorder, terminal, goesOn }: { log: LogFile; recorder: RunRecorder; terminal: Terminal; goesOn: boolean },
  ) {
    this.#plan = plan;
    this.#log = log;
    this.#recorder = recorder;
    this.#terminal = terminal;
    this.#goesOn = goesOn;
    this.#leastBetween = plan.settings.innerSteps === 1 ? LEAST_BETWEEN : 0;
  }

  readonly onRound = ({ step, round, beganAnew, ...rest }: RoundReport): void => {
    const { machines } = this.#plan.settings;
    this.#log.append({ event: 'round', step, round, ...rest, ...(beganAnew.length > 0 && { beganAnew }) });
    const count = rest.machines.length;
    this.#recorder.showRound(
      `round ${formatCount(round)}, ${count === machines ? '' : `${count} of `}${counted(machines, 'machine')}`,
    );
    if (this.#goesOn && beganAnew.length > 0) this.#warnOfNew(beganAnew);
    this.#goesOn = false;
  };

  /** Asked after each round. */
  readonly wantsCheckpoint = (): boolean => {
    const now = performance.now();
    const isDue = now - this.#savedAt >= Math.max(this.#leastBetween, TIMES_SAVING * this.#savingTook);
    if (isDue) this.#asked = now;
    return isDue;
  };

  readonly onCheckpoint = (): void => {
    this.#savedAt = performance.now();
    if (this.#asked !== undefined) this.#savingTook = this.#savedAt - this.#asked;
    this.#asked = undefined;
  };

  #warnOfNew(beganAnew: readonly number[]): void {
    const which = `${beganAnew.length === 1 ? 'Machine' : 'Machines'} ${inWords(
      beganAnew.map((machine) => String(machine + 1)),
      'and',
    )}`;
    this.#terminal.warn(
      `${which} of ${this.#plan.settings.machines} began with a fresh optimizer: ${beganAnew.length === 1 ? 'its' : 'their'} moments from before the run was interrupted are gone. It goes on from the last round, to other bytes than without the interruption.`,
    );
  }
}

/** What the rounds of a run came to. */
export interface RoundsSummary {
  rounds: number;
  /** The fewest and the most machines that took part in one. */
  fewest: number;
  most: number;
  sentBytes: number;
  receivedBytes: number;
  waitedSeconds: number;
  late: number;
}

/** Adds up the rounds of a log. */
export function summarizeRounds(entries: readonly LogEntry[]): RoundsSummary {
  const rounds = entries.filter(({ event }) => event === 'round') as (LogEntry & RoundReport)[];
  const sum = (of: (round: RoundReport) => number): number => rounds.reduce((all, round) => all + of(round), 0);
  const counts = rounds.map(({ machines }) => machines.length);
  return {
    rounds: rounds.length,
    fewest: counts.reduce((least, count) => Math.min(least, count), Infinity),
    most: counts.reduce((most, count) => Math.max(most, count), 0),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    receivedBytes: sum(({ receivedBytes }) => receivedBytes),
    waitedSeconds: sum(({ waitedSeconds }) => waitedSeconds),
    late: sum(({ late }) => late),
  };
}

/** The same for people. */
export function roundRows(summary: RoundsSummary): [label: string, value: string][] {
  const { rounds, fewest, most, sentBytes, receivedBytes, waitedSeconds, late } = summary;
  if (rounds === 0) return [['Rounds', 'none']];
  return [
    ['Rounds', formatCount(rounds)],
    ['Machines in a round', fewest === most ? formatCount(most) : `${formatCount(fewest)} to ${formatCount(most)}`],
    ['Sent to machines', formatBytes(sentBytes)],
    ['Received from them', formatBytes(receivedBytes)],
    ['Waited for the last', formatSeconds(waitedSeconds)],
    ['Late results', late === 0 ? 'none' : counted(late, 'result')],
  ];
}
