import type { Kernels, Tensor } from '../../src/tensor/index.ts';
import { output, type KernelCase, type Operands, type Operation } from './case.ts';

const FLOAT = 4;

/** What an operation of a cell is given for a batch: gates, states, and a call with what it writes. */
interface Call {
  run: (kernels: Kernels) => void;
  written: Record<string, Tensor>;
}

interface CellCost {
  /** Arithmetic operations, and numbers read and written, of one unit. */
  flops: number;
  numbers: number;
}

/** An operation of the cells beside the LSTM. What it writes is put back before each run, since most of it is read too. */
function cellCase(
  operation: Operation,
  [batch, hidden]: [number, number],
  { flops, numbers }: CellCost,
  prepare: (operands: Operands) => Call,
): KernelCase {
  return {
    operation,
    shape: `${batch}x${hidden}`,
    flops: flops * batch * hidden,
    bytes: FLOAT * numbers * batch * hidden,
    build(operands) {
      const { run, written } = prepare(operands);
      const restore = Object.values(written).map((tensor) => operands.saved(tensor));
      return {
        run: () => {
          run(operands.kernels);
        },
        restore: () => {
          for (const each of restore) each();
        },
        // Sums over the batch are the longest that there are.
        outputs: Object.entries(written).map(([name, tensor]) => output(name, tensor, 24 + batch)),
      };
    },
  };
}

/** tanh, the halves of a GRU's step, the cells with peepholes and with layer normalisation, each with its way back. */
export function otherCells(B: number, H: number): KernelCase[] {
  const size: [number, number] = [B, H];
  const states = (operands: Operands, count: number): Tensor[] =>
    Array.from({ length: count }, () => operands.tensor(size));
  return [
    cellCase('tanh', size, { flops: 1, numbers: 2 }, (operands) => {
      const [out, a] = states(operands, 2);
      return { run: (k) => { k.tanh(out, a); }, written: { out } };
    }),
    cellCase('tanhBackward', size, { flops: 4, numbers: 4 }, (operands) => {
      const [da, dOut, out] = states(operands, 3);
      return { run: (k) => { k.tanhBackward(da, dOut, out); }, written: { da } };
    }),
    cellCase('gruGates', size, { flops: 9, numbers: 8 }, (operands) => {
      const [gates, recurrent] = [operands.tensor([B, 3 * H], 3), operands.tensor([B, 2 * H])];
      const [by, product] = states(operands, 2);
      return { run: (k) => { k.gruGates(gates, recurrent, by, product); }, written: { gates, product } };
    }),
    cellCase('gruGatesBackward', size, { flops: 6, numbers: 9 }, (operands) => {
      const [gates, dRecurrent] = [operands.unsigned([B, 3 * H]), operands.tensor([B, 2 * H])];
      const [dBy, dProduct, by] = states(operands, 3);
      return { run: (k) => { k.gruGatesBackward(gates, dRecurrent, dBy, dProduct, by); }, written: { gates, dRecurrent, dBy } };
    }),
    cellCase('gruOutput', size, { flops: 6, numbers: 6 }, (operands) => {
      const gates = operands.unsigned([B, 3 * H]);
      const [candidate, hPrev, h] = states(operands, 3);
      return { run: (k) => { k.gruOutput(gates, candidate, hPrev, h); }, written: { gates, h } };
    }),
    cellCase('gruOutputBackward', size, { flops: 12, numbers: 9 }, (operands) => {
      const gates = operands.unsigned([B, 3 * H]);
      const [dCandidate, dhPrev, dh, hPrev] = states(operands, 4);
      return { run: (k) => { k.gruOutputBackward(gates, dCandidate, dhPrev, dh, hPrev); }, written: { gates, dCandidate, dhPrev } };
    }),
    cellCase('peepholeCell', size, { flops: 21, numbers: 12 }, (operands) => {
      const [gates, peephole] = [operands.tensor([B, 4 * H], 3), operands.tensor([3 * H])];
      const [cPrev, c, tanhC, h] = states(operands, 4);
      return { run: (k) => { k.peepholeCell(gates, peephole, cPrev, c, tanhC, h); }, written: { gates, c, tanhC, h } };
    }),
    cellCase('peepholeCellBackward', size, { flops: 28, numbers: 13 }, (operands) => {
      const [gates, peephole] = [operands.unsigned([B, 4 * H]), operands.tensor([3 * H])];
      const [dc, dh, cPrev, tanhC] = states(operands, 4);
      return { run: (k) => { k.peepholeCellBackward(gates, peephole, dc, dh, cPrev, tanhC); }, written: { gates, dc } };
    }),
    cellCase('peepholeBackward', size, { flops: 6, numbers: 6 }, (operands) => {
      const [dPeephole, dGates] = [operands.tensor([3 * H]), operands.tensor([B, 4 * H])];
      const [cPrev, c] = states(operands, 2);
      return { run: (k) => { k.peepholeBackward(dPeephole, dGates, cPrev, c); }, written: { dPeephole } };
    }),
    ...layerNorm(B, H),
  ]; // prettier-ignore
}

function layerNorm(B: number, H: number): KernelCase[] {
  const size: [number, number] = [B, H];
  return [
    cellCase('layerNorm', size, { flops: 8, numbers: 4 }, (operands) => {
      const [out, a, gain, inverse] = [operands.tensor(size), operands.tensor(size), operands.tensor([H]), operands.tensor([B])];
      return { run: (k) => { k.layerNorm(out, gain, a, inverse); }, written: { out, a, inverse } };
    }),
    cellCase('layerNormBackward', size, { flops: 12, numbers: 3 }, (operands) => {
      const [dOut, normalised, gain, dGain, inverse] = [operands.tensor(size), operands.tensor(size), operands.tensor([H]), operands.tensor([H]), operands.unsigned([B])];
      return { run: (k) => { k.layerNormBackward(dOut, gain, dGain, normalised, inverse); }, written: { dGain, normalised } };
    }),
    cellCase('layerNormCell', size, { flops: 23, numbers: 13 }, (operands) => {
      const [gates, gain, bias, inverse] = [operands.tensor([B, 4 * H], 3), operands.tensor([H]), operands.tensor([H]), operands.tensor([B])];
      const [cPrev, c, normalised, tanhC, h] = Array.from({ length: 5 }, () => operands.tensor(size));
      return {
        run: (k) => { k.layerNormCell(gates, gain, bias, cPrev, c, normalised, inverse, tanhC, h); },
        written: { gates, c, normalised, inverse, tanhC, h },
      };
    }),
    cellCase('layerNormCellBackward', size, { flops: 36, numbers: 15 }, (operands) => {
      const [gates, gain, dGain, dBias, inverse] = [operands.unsigned([B, 4 * H]), operands.tensor([H]), operands.tensor([H]), operands.tensor([H]), operands.unsigned([B])];
      const [dc, dh, cPrev, normalised, tanhC] = Array.from({ length: 5 }, () => operands.tensor(size));
      return {
        run: (k) => { k.layerNormCellBackward(gates, gain, dGain, dBias, dc, dh, cPrev, normalised, inverse, tanhC); },
        written: { gates, dGain, dBias, dc, normalised, tanhC },
      };
    }),
  ]; // prettier-ignore
}
