import { SimdKernels } from '../../tensor/simd/kernels.ts';
import { WasmArena } from '../../tensor/simd/wasm-arena.ts';
import { ParameterSet } from '../parameters.ts';
import { Part } from './part.ts';
import { COMMANDS, ControlBlock, WORDS, type WorkerInit } from './protocol.ts';
import { spinWhileEqual } from './waiting.ts';

/**
 * What a worker thread does until it is told to exit: waits for a command, carries it out on its part, says that it is done.
 * The networks are laid out just as the engine laid them out in this thread's region, so that both see the same tensors.
 */
export function work(init: WorkerInit, ready: () => void): void {
  const { spec, memory, thread, threads } = init;
  const control = new ControlBlock(memory.buffer, init.control, threads, spec.heads.length);
  const { ints } = control;
  try {
    const kernels = new SimdKernels(init.module, memory, init.region);
    const parameters = new ParameterSet(new WasmArena(memory, init.parameters), spec);
    const gradients = new ParameterSet(new WasmArena(memory, init.gradients), spec);
    const part = new Part(kernels, spec, init.part, parameters, gradients);
    let seen = 0;
    ready();
    for (;;) {
      if (!spinWhileEqual(ints, WORDS.generation, seen)) Atomics.wait(ints, WORDS.generation, seen);
      if (Atomics.load(ints, WORDS.generation) === seen) continue;
      seen = Atomics.load(ints, WORDS.generation);
      const command = Atomics.load(ints, WORDS.command);
      if (command === COMMANDS.exit) return;
      const goesOn = Atomics.load(ints, WORDS.goesOn) === 1;
      if (command === COMMANDS.train) {
        part.seed(control.seed(thread));
        part.train(control.losses(thread), goesOn);
      } else {
        part.evaluate(control.losses(thread), goesOn);
      }
      Atomics.add(ints, WORDS.done, 1);
      Atomics.notify(ints, WORDS.done);
    }
  } catch (error) {
    // The engine may be asleep: wake it, then let the error reach it as the worker's end.
    Atomics.store(ints, WORDS.failed, thread);
    Atomics.notify(ints, WORDS.done);
    throw error;
  }
}
