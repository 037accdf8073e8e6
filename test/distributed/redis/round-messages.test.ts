import { describe, expect, it } from 'vitest';
import { DistributedError } from '../../../src/distributed/redis/errors.ts';
import {
  readAnnouncement,
  readAnswer,
  readMachineMessage,
  writeAnswer,
  type Answer,
} from '../../../src/distributed/redis/rounds/messages.ts';
import { resolveSettings } from '../../../src/music/index.ts';
import { CELLS, NonFiniteError } from '../../../src/nn/index.ts';

const digest = 'ab'.repeat(32);
const job = {
  ...{ run: 'run-1', preset: 'quick', settings: resolveSettings('quick'), music: digest, machine: 1, machines: 4 },
  ...{ innerSteps: 50, differences: 'float16', build: { etude: '0.1.0', bits: digest } },
};
const task = {
  ...{ kind: 'round', round: 3, step: 400, epoch: 1, shuffle: [1, 2, 3, 4], batch: 8, learningRates: [0.1, 0.05] },
  ...{ weights: digest, parameters: 1000, expected: [0, 2] },
};
const step = { losses: [1, 0.5], loss: 1.5, gradientNorm: 2, clipped: true };
const of = { machine: 1, name: 'one-1', round: 3, weights: digest };
const found: Answer = { kind: 'found', ...of, difference: digest, steps: [step], beganAnew: false };

describe('what machines of one run say to each other', () => {
  it('is read as it was written, and nothing that does not belong there', () => {
    expect(readMachineMessage(JSON.parse(JSON.stringify({ ...job, code: 'process.exit()' })))).toEqual(job);
    expect(readAnnouncement(JSON.stringify({ ...task, extra: 1 }))).toEqual(task);
    expect(readAnnouncement('{"kind":"end","round":"x"}')).toEqual({ kind: 'end' });
    expect(readAnswer(writeAnswer(found), 2)).toEqual(found);
    expect(readAnswer(writeAnswer({ kind: 'here', machine: 0, name: 'one' }), 1)).toEqual({ kind: 'here', machine: 0, name: 'one' }); // prettier-ignore
  });

  it.each([[NaN, Infinity], [-Infinity, 1e-300], [3.25, 0]])('numbers that are not finite come through as they are: %d, %d', (loss, gradientNorm) => {
    const error = new NonFiniteError({ stage: 'forward', layer: 'lstm.0', gate: 'f', timeStep: 3 }, loss, gradientNorm);
    const read = readAnswer(writeAnswer({ kind: 'not finite', ...of, error }), 2) as Extract<Answer, { kind: 'not finite' }>;
    expect(read.error).toEqual(error);
    expect([read.error.loss, read.error.gradientNorm, read.error.place]).toEqual([loss, gradientNorm, error.place]);
  }); // prettier-ignore

  it('the place of what is not finite comes through whatever the cell', () => {
    for (const { prefix, gates, states } of Object.values(CELLS)) {
      for (const gate of [...gates, ...states]) {
        const error = new NonFiniteError({ stage: 'forward', layer: `${prefix}.0`, gate }, NaN, NaN);
        const read = readAnswer(writeAnswer({ kind: 'not finite', ...of, error }), 2);
        expect((read as Extract<Answer, { kind: 'not finite' }>).error.place).toEqual(error.place);
      }
    }
  });

  it.each([
    [{ machine: 4 }, 'the job: machine: expected a whole number from 0 to 3'],
    [{ machines: 0 }, 'the job: machine: expected a whole number'],
    [{ machines: 1e6 }, 'the job: machines: expected a whole number'],
    [{ innerSteps: 0.5 }, 'the job: innerSteps: expected a whole number'],
    [{ differences: 'float8' }, 'the job: differences: expected one of float32, float16'],
    [{ run: 'a:b' }, 'the job: run: expected'],
    [{ settings: {} }, 'the job: settings: expected what it should be'],
  ])('a job with %j is refused by the name of the field', (change, sentence) => {
    expect(() => readMachineMessage({ ...job, ...change })).toThrow(DistributedError);
    expect(() => readMachineMessage({ ...job, ...change })).toThrow(sentence);
  });

  it.each([
    [{ kind: 'run' }, 'kind: expected one of wait, round, end'],
    [{ round: -1 }, 'round: expected a whole number'],
    [{ shuffle: [0, 0, 0, 0] }, 'shuffle: expected what it should be'],
    [{ shuffle: 'x' }, 'shuffle: expected what it should be'],
    [{ learningRates: [null] }, 'learningRates[0]: number: expected a finite number'],
    [{ weights: '../x' }, 'weights: expected a digest'],
    [{ parameters: 2 ** 40 }, 'parameters: expected a whole number'],
    [{ expected: [-1] }, 'expected[0]: number: expected a whole number'],
  ])('an announcement with %j, too', (change, sentence) => {
    expect(() => readAnnouncement(JSON.stringify({ ...task, ...change }))).toThrow(sentence);
  });

  it.each([
    [{ machine: 2 }, 'machine: expected a whole number from 0 to 1'],
    [{ name: '\u001b[2J' }, 'name: expected the name of a machine'],
    [{ difference: 7 }, 'difference: expected a digest'],
    [{ steps: [{ ...step, clipped: 1 }] }, 'steps[0]: clipped: expected one of true, false'],
    [{ steps: [{ ...step, losses: [NaN] }] }, 'steps[0]: losses[0]: number: expected a finite number'],
    [{ steps: [{ ...step, losses: Array(65).fill(1) }] }, 'steps[0]: losses: expected a list of at most 64'],
    [{ beganAnew: 'no' }, 'beganAnew: expected one of true, false'],
    [{ kind: 'not finite', error: { place: { stage: 'moon' } } }, 'error: place: stage: expected one of parameters'],
    [{ kind: 'not finite', error: { place: { stage: 'loss', layer: 'x' }, loss: 'process.exit()' } }, 'error: loss: expected a number'],
  ])('an answer with %j, too', (change, sentence) => {
    expect(() => readAnswer(JSON.stringify({ ...found, ...change }), 2)).toThrow(DistributedError);
    expect(() => readAnswer(JSON.stringify({ ...found, ...change }), 2)).toThrow(sentence);
  }); // prettier-ignore
});
