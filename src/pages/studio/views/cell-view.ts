import { CELLS, type CellKind } from '../../../nn/cells/kinds.ts';
import { QUANTITY_NAMES } from '../../../study/quantity-names.ts';
import { strongest, type CellArithmetic, type StateEquation, type Term } from '../cell-arithmetic.ts';
import { quantityName } from '../phrase.ts';
import { select, setOptions } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { table, tableRow, type Cell } from '../../kit/browser/tables.ts';
import { decimals } from '../../../text/numbers.ts';

/** How the pre-activations of each cell add up, and what is made of them. */
const SUMS: Readonly<Record<CellKind, string>> = {
  lstm: 'z = x·W + h′·U + b; the candidate g is tanh z.',
  'lstm-peephole': 'z = x·W + h′·U + b and, of the gates, the cell through a peephole; the candidate g is tanh z.',
  'lstm-norm':
    'z = gain·LN(x·W) + gain·LN(h′·U) + b; the candidate g is tanh z. The means that LN takes away stand apart.',
  gru: 'z = x·W + h′·U + b; of the candidate n, tanh of its z, the gate r multiplies h′·U and its bias.',
  'gru-before': 'z = x·W + h′·U + b; of the candidate n, tanh of its z, the gates r multiply h′ before the product.',
  rnn: 'z = x·W + h′·U + b.',
};
/** So many of the other units' terms are listed; the rest stands in one line. */
const LISTED = 6;

/** One cell's equations with their numbers. */
export class CellView {
  readonly #body = element('div');
  readonly #terms = element('div', { class: 'terms' });
  readonly #gate: HTMLSelectElement;
  #cell?: CellArithmetic;

  constructor() {
    this.#gate = select([], '', () => this.#showTerms(), { 'aria-label': 'Gate whose terms are listed' });
    byId('cell').append(
      element('h3', {}, 'The unit, term by term'),
      this.#body,
      element('div', { class: 'row terms-head' }, element('span', {}, 'Terms that add up to the'), this.#gate),
      this.#terms,
    );
  }

  show(cell: CellArithmetic, note: string): void {
    const { gates, layer, unit, states } = cell;
    if (this.#cell?.cell !== cell.cell) {
      const options = gates.map(({ gate }) => [gate, quantityName(gate)] as const);
      // What keeps the state first: the forget gate, the update gate.
      setOptions(this.#gate, options, gates[Math.min(1, gates.length - 1)].gate);
    }
    this.#cell = cell;
    const apart = gates.some(({ others }) => others.length > 0);
    const rows = gates.map(({ gate, inputSum, recurrentSum, otherSum, bias, z, activation }) => [
      element('span', {}, `${gate} `, element('span', { class: 'faint' }, QUANTITY_NAMES[gate].name)),
      ...[inputSum, recurrentSum, ...(apart ? [otherSum] : []), bias, z, activation].map(number),
    ]);
    const titles = ['gate', 'x·W', 'h′·U', ...(apart ? ['apart'] : []), 'b', 'z', CELLS[cell.cell].gates.length > 1 ? 'σ z' : 'tanh z']; // prettier-ignore
    this.#body.replaceChildren(
      element('p', {}, `Unit ${unit + 1} of layer ${layer + 1}, after reading ${note}`),
      table(titles, rows, 'Gates of the unit'),
      element('p', { class: 'faint' }, SUMS[cell.cell]),
      ...states.map(formula),
    );
    this.#showTerms();
  }

  #showTerms(): void {
    const gate = this.#cell?.gates.find((each) => each.gate === this.#gate.value);
    if (!gate) return;
    const few = gate.inputs.length > LISTED ? strongest(gate.inputs, LISTED) : gate.inputs;
    const others = strongest(gate.recurrent, LISTED);
    const rows = [...few.map(row), ...rest(gate.inputs, few, 'other inputs')];
    rows.push(...others.map(row), ...rest(gate.recurrent, others, 'other units'), ...gate.others.map(row));
    rows.push(sumRow('bias', gate.bias));
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

function formula({ name, words, products, result }: StateEquation): HTMLElement {
  const numbers = products.map(([a, b]) => `${signed(a)}·${signed(b)}`).join(' + ');
  return element('p', { class: 'formula' }, `${name} = ${words} = ${numbers}${numbers && ' = '}`, element('strong', {}, decimals(result))); // prettier-ignore
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
