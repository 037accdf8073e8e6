import { strongest, type CellArithmetic, type GateArithmetic, type Term } from '../cell-arithmetic.ts';
import { select } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { table, tableRow, type Cell } from '../../kit/browser/tables.ts';
import { decimals } from '../../../text/numbers.ts';

type GateName = GateArithmetic['gate'];
const GATE_NAMES: Readonly<Record<GateName, string>> = { i: 'input', f: 'forget', g: 'candidate', o: 'output' };
/** So many of the other units' terms are listed; the rest stands in one line. */
const LISTED = 6;

/** One cell's equations with their numbers. */
export class CellView {
  readonly #body = element('div');
  readonly #terms = element('div', { class: 'terms' });
  readonly #gate: HTMLSelectElement;
  #cell?: CellArithmetic;
  #chosen: GateName = 'f';

  constructor() {
    this.#gate = select(
      (Object.keys(GATE_NAMES) as GateName[]).map((gate) => [gate, `${GATE_NAMES[gate]} gate ${gate}`] as const),
      this.#chosen,
      (gate) => {
        this.#chosen = gate;
        this.#showTerms();
      },
      { 'aria-label': 'Gate whose terms are listed' },
    );
    byId('cell').append(
      element('h3', {}, 'The cell, term by term'),
      this.#body,
      element('div', { class: 'row terms-head' }, element('span', {}, 'Terms that add up to the'), this.#gate),
      this.#terms,
    );
  }

  show(cell: CellArithmetic, note: string): void {
    this.#cell = cell;
    const { gates, layer, unit, previousC, c, tanhC, h } = cell;
    const [i, f, g, o] = gates.map(({ activation }) => decimals(activation));
    const rows = gates.map(({ gate, inputSum, recurrentSum, bias, z, activation }) => [
      element('span', {}, `${gate} `, element('span', { class: 'faint' }, GATE_NAMES[gate])),
      ...[inputSum, recurrentSum, bias, z, activation].map(number),
    ]);
    this.#body.replaceChildren(
      element('p', {}, `Unit ${unit + 1} of layer ${layer + 1}, after reading ${note}`),
      table(['gate', 'x·W', 'h′·U', 'b', 'z', 'σ z'], rows, 'Gates of the cell'),
      element('p', { class: 'faint' }, 'z = x·W + h′·U + b; the candidate g is tanh z.'),
      formula('c', 'f·c′ + i·g', `${f}·${signed(previousC)} + ${i}·${bracketed(g)}`, decimals(c)),
      formula('h', 'o·tanh c', `${o}·${signed(tanhC)}`, decimals(h)),
    );
    this.#showTerms();
  }

  #showTerms(): void {
    const gate = this.#cell?.gates.find((each) => each.gate === this.#chosen);
    if (!gate) return;
    const few = gate.inputs.length > LISTED ? strongest(gate.inputs, LISTED) : gate.inputs;
    const others = strongest(gate.recurrent, LISTED);
    const rows = [...few.map(row), ...rest(gate.inputs, few, 'other inputs')];
    rows.push(...others.map(row), ...rest(gate.recurrent, others, 'other units'), sumRow('bias', gate.bias));
    const made = table(['from', 'value', 'weight', 'product'], rows, 'Terms of the gate');
    made.querySelector('tbody')!.append(tableRow(sumRow(`z of ${gate.gate}`, gate.z), 'total'));
    this.#terms.replaceChildren(made);
  }
}

function row({ name, value, weight }: Term): Cell[] {
  return [name, ...[value, weight, value * weight].map(number)];
}

function rest(all: readonly Term[], listed: readonly Term[], name: string): Cell[][] {
  const left = all.length - listed.length;
  if (left <= 0) return [];
  const sumOf = (terms: readonly Term[]): number => terms.reduce((sum, { value, weight }) => sum + value * weight, 0);
  return [sumRow(`${left} ${name}`, sumOf(all) - sumOf(listed))];
}

function sumRow(name: string, value: number): Cell[] {
  return [name, '', '', number(value)];
}

function formula(name: string, words: string, numbers: string, result: string): HTMLElement {
  return element('p', { class: 'formula' }, `${name} = ${words} = ${numbers} = `, element('strong', {}, result));
}

function number(value: number): Cell {
  return { number: decimals(value) };
}

function signed(value: number): string {
  return bracketed(decimals(value));
}

/** A negative factor stands in brackets. */
function bracketed(text: string): string {
  return text.startsWith('−') ? `(${text})` : text;
}
