import { decodeDifference, encodeDifference } from './difference.ts';
import type { Contribution, Machines, RoundOutcome, RoundTask } from './machines.ts';
import {
  openMachineEngine,
  RoundMachine,
  type MachineData,
  type MachineEngine,
  type MachineSettings,
} from './round-machine.ts';
import type { RoundSettings } from './settings.ts';

/**
 * Machines that are none: this process computes their parts one after the other, on one thread. What local SGD does to a training can be seen
 * with them, to the bit; faster they are not.
 */
export class InProcessMachines implements Machines {
  readonly count: number;
  readonly #machines: readonly RoundMachine[];
  readonly #model: MachineEngine;
  readonly #kind: RoundSettings['differences'];

  private constructor(machines: readonly RoundMachine[], model: MachineEngine, kind: RoundSettings['differences']) {
    this.count = machines.length;
    this.#machines = machines;
    this.#model = model;
    this.#kind = kind;
  }

  /**
   * @param backend one of KERNEL_BACKENDS, or `auto`
   * @throws UsageError when the backend is unknown, or does not run here
   */
  static async open(
    data: MachineData,
    settings: MachineSettings,
    rounds: Pick<RoundSettings, 'machines' | 'innerSteps' | 'differences'>,
    backend = 'auto',
  ): Promise<InProcessMachines> {
    const model = await openMachineEngine(data, settings, backend);
    const machines = Array.from(
      { length: rounds.machines },
      (_, machine) => new RoundMachine(data, settings, { ...rounds, machine }, model),
    );
    return new InProcessMachines(machines, model, rounds.differences);
  }

  async compute(task: RoundTask, signal?: AbortSignal): Promise<RoundOutcome> {
    const contributions: Contribution[] = [];
    let receivedBytes = 0;
    for (const machine of this.#machines) {
      const found = await machine.compute(task, signal);
      // As it would travel: what is lost on the way is lost here too.
      const bytes = encodeDifference(found.difference, this.#kind);
      receivedBytes += bytes.length;
      contributions.push({ ...found, difference: decodeDifference(bytes, task.weights.length) });
    }
    return {
      contributions,
      names: contributions.map(({ machine }) => `here-${machine + 1}`),
      late: 0,
      waitedSeconds: 0,
      sentBytes: this.count * task.weights.byteLength,
      receivedBytes,
    };
  }

  close(): Promise<void> {
    return this.#model.engine.dispose();
  }
}
