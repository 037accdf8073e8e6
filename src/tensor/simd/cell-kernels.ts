import * as check from '../operand-checks.ts';
import type { Tensor } from '../tensor.ts';
import type { SimdExports } from './exports.ts';

/** Of the operations in WebAssembly those of the cells beside the LSTM; see {@link SimdKernels}. */
export abstract class SimdCellKernels {
  protected abstract wasm: SimdExports;
  /** Called after whatever computes. */
  protected abstract readonly leave: () => void;

  peepholeCell(gates: Tensor, peephole: Tensor, cPrev: Tensor, c: Tensor, tanhC: Tensor, h: Tensor): void {
    check.peephole('peepholeCell', gates, peephole);
    const [rows, hidden] = check.lstmCell('peepholeCell', gates, [cPrev, c, tanhC, h]);
    this.wasm.peepholeCell(
      gates.byteOffset,
      peephole.byteOffset,
      cPrev.byteOffset,
      c.byteOffset,
      tanhC.byteOffset,
      h.byteOffset,
      rows,
      hidden,
    );
    this.leave();
  }

  peepholeCellBackward(gates: Tensor, peephole: Tensor, dc: Tensor, dh: Tensor, cPrev: Tensor, tanhC: Tensor): void {
    check.peephole('peepholeCellBackward', gates, peephole);
    const [rows, hidden] = check.lstmCell('peepholeCellBackward', gates, [dc, dh, cPrev, tanhC]);
    this.wasm.peepholeCellBackward(
      gates.byteOffset,
      peephole.byteOffset,
      dc.byteOffset,
      dh.byteOffset,
      cPrev.byteOffset,
      tanhC.byteOffset,
      rows,
      hidden,
    );
    this.leave();
  }

  peepholeBackward(dPeephole: Tensor, dGates: Tensor, cPrev: Tensor, c: Tensor): void {
    check.peephole('peepholeBackward', dGates, dPeephole);
    const [rows, hidden] = check.lstmCell('peepholeBackward', dGates, [cPrev, c]);
    this.wasm.peepholeBackward(dPeephole.byteOffset, dGates.byteOffset, cPrev.byteOffset, c.byteOffset, rows, hidden);
    this.leave();
  }

  layerNorm(out: Tensor, gain: Tensor, a: Tensor, inverse: Tensor): void {
    check.layerNorm('layerNorm', out, a, gain, gain, inverse);
    const { rows, columns } = out;
    this.wasm.layerNorm(out.byteOffset, gain.byteOffset, a.byteOffset, inverse.byteOffset, rows, columns);
    this.leave();
  }

  layerNormBackward(dOut: Tensor, gain: Tensor, dGain: Tensor, normalised: Tensor, inverse: Tensor): void {
    check.layerNorm('layerNormBackward', dOut, normalised, gain, dGain, inverse);
    this.wasm.layerNormBackward(
      dOut.byteOffset,
      gain.byteOffset,
      dGain.byteOffset,
      normalised.byteOffset,
      inverse.byteOffset,
      dOut.rows,
      dOut.columns,
    );
    this.leave();
  }

  layerNormCell(
    gates: Tensor,
    gain: Tensor,
    bias: Tensor,
    cPrev: Tensor,
    c: Tensor,
    normalised: Tensor,
    inverse: Tensor,
    tanhC: Tensor,
    h: Tensor,
  ): void {
    const [rows, hidden] = check.lstmCell('layerNormCell', gates, [cPrev, c, normalised, tanhC, h]);
    check.layerNorm('layerNormCell', c, normalised, gain, bias, inverse);
    this.wasm.layerNormCell(
      gates.byteOffset,
      gain.byteOffset,
      bias.byteOffset,
      cPrev.byteOffset,
      c.byteOffset,
      normalised.byteOffset,
      inverse.byteOffset,
      tanhC.byteOffset,
      h.byteOffset,
      rows,
      hidden,
    );
    this.leave();
  }

  layerNormCellBackward(
    gates: Tensor,
    gain: Tensor,
    dGain: Tensor,
    dBias: Tensor,
    dc: Tensor,
    dh: Tensor,
    cPrev: Tensor,
    normalised: Tensor,
    inverse: Tensor,
    tanhC: Tensor,
  ): void {
    const [rows, hidden] = check.lstmCell('layerNormCellBackward', gates, [dc, dh, cPrev, normalised, tanhC]);
    check.layerNorm('layerNormCellBackward', dc, normalised, gain, dGain, inverse);
    check.layerNorm('layerNormCellBackward', dc, normalised, gain, dBias, inverse);
    this.wasm.layerNormCellBackward(
      gates.byteOffset,
      gain.byteOffset,
      dGain.byteOffset,
      dBias.byteOffset,
      dc.byteOffset,
      dh.byteOffset,
      cPrev.byteOffset,
      normalised.byteOffset,
      inverse.byteOffset,
      tanhC.byteOffset,
      rows,
      hidden,
    );
    this.leave();
  }

  tanh(out: Tensor, a: Tensor): void {
    check.sameSize('tanh', out, a);
    this.wasm.tanh(out.byteOffset, a.byteOffset, out.size);
    this.leave();
  }

  tanhBackward(da: Tensor, dOut: Tensor, out: Tensor): void {
    check.sameSize('tanhBackward', da, dOut, out);
    this.wasm.tanhBackward(da.byteOffset, dOut.byteOffset, out.byteOffset, da.size);
    this.leave();
  }

  gruGates(gates: Tensor, recurrent: Tensor, by: Tensor, product: Tensor): void {
    check.gruRecurrent('gruGates', gates, recurrent);
    check.gru('gruGates', gates, by, product, product);
    const { rows, columns } = by;
    this.wasm.gruGates(gates.byteOffset, recurrent.byteOffset, by.byteOffset, product.byteOffset, rows, columns);
    this.leave();
  }

  gruGatesBackward(gates: Tensor, dRecurrent: Tensor, dBy: Tensor, dProduct: Tensor, by: Tensor): void {
    check.gruRecurrent('gruGatesBackward', gates, dRecurrent);
    check.gru('gruGatesBackward', gates, dBy, dProduct, by);
    this.wasm.gruGatesBackward(
      gates.byteOffset,
      dRecurrent.byteOffset,
      dBy.byteOffset,
      dProduct.byteOffset,
      by.byteOffset,
      by.rows,
      by.columns,
    );
    this.leave();
  }

  gruOutput(gates: Tensor, candidate: Tensor, hPrev: Tensor, h: Tensor): void {
    check.gru('gruOutput', gates, candidate, hPrev, h);
    const { rows, columns } = h;
    this.wasm.gruOutput(gates.byteOffset, candidate.byteOffset, hPrev.byteOffset, h.byteOffset, rows, columns);
    this.leave();
  }

  gruOutputBackward(gates: Tensor, dCandidate: Tensor, dhPrev: Tensor, dh: Tensor, hPrev: Tensor): void {
    check.gru('gruOutputBackward', gates, dCandidate, dhPrev, dh);
    check.gru('gruOutputBackward', gates, hPrev, dh, dh);
    this.wasm.gruOutputBackward(
      gates.byteOffset,
      dCandidate.byteOffset,
      dhPrev.byteOffset,
      dh.byteOffset,
      hPrev.byteOffset,
      dh.rows,
      dh.columns,
    );
    this.leave();
  }
}
