import { strongest, type CellArithmetic, type GateArithmetic, type Term } from '../cell-arithmetic.ts';
import { byId, el, select } from '../dom.ts';

type GateName = GateArithmetic['gate'];
const GATE_NAMES: Readonly<Record<GateName, string>> = { i: 'input', f: 'forget', g: 'candidate', o: 'output' };
/** So many of the other units' terms are listed; the rest stands in one line. */
const LISTED = 6;

/** One cell's equations with their numbers. */
export class CellView {
  readonly #body = el('div');
  readonly #terms = el('tbody');
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
    );
    this.#gate.setAttribute('aria-label', 'Gate whose terms are listed');
    byId('cell').append(
      el('h3', {}, 'The cell, term by term'),
      this.#body,
      el('div', { class: 'row terms-head' }, el('span', {}, 'Terms that add up to the'), this.#gate),
      el(
        'div',
        { class: 'wide', tabIndex: 0, attributes: { role: 'region', 'aria-label': 'Terms of the gate' } },
        el(
          'table',
          { class: 'terms' },
          el('thead', {}, el('tr', {}, ...['from', 'value', 'weight', 'product'].map((text) => head(text)))),
          this.#terms,
        ),
      ),
    );
  }

  show(cell: CellArithmetic, note: string): void {
    this.#cell = cell;
    const { gates, layer, unit, previousC, c, tanhC, h } = cell;
    const [i, f, g, o] = gates.map(({ activation }) => number(activation));
    const rows = gates.map(({ gate, inputSum, recurrentSum, bias, z, activation }) =>
      el(
        'tr',
        {},
        el('th', { attributes: { scope: 'row' } }, `${gate} `, el('span', { class: 'faint' }, GATE_NAMES[gate])),
        ...[inputSum, recurrentSum, bias, z, activation].map((value) => el('td', {}, number(value))),
      ),
    );
    this.#body.replaceChildren(
      el('p', {}, `Unit ${unit} of layer ${layer + 1}, after reading ${note}`),
      el(
        'div',
        { class: 'wide', tabIndex: 0, attributes: { role: 'region', 'aria-label': 'Gates of the cell' } },
        el(
          'table',
          {},
          el('thead', {}, el('tr', {}, ...['gate', 'x·W', 'h′·U', 'b', 'z', 'σ z'].map((text) => head(text)))),
          el('tbody', {}, ...rows),
        ),
      ),
      el('p', { class: 'faint' }, 'z = x·W + h′·U + b; the candidate g is tanh z.'),
      formula('c', 'f·c′ + i·g', `${f}·${signed(previousC)} + ${i}·${bracketed(g)}`, number(c)),
      formula('h', 'o·tanh c', `${o}·${signed(tanhC)}`, number(h)),
    );
    this.#showTerms();
  }

  #showTerms(): void {
    const gate = this.#cell?.gates.find((each) => each.gate === this.#chosen);
    if (!gate) return;
    const few = gate.inputs.length > LISTED ? strongest(gate.inputs, LISTED) : gate.inputs;
    const others = strongest(gate.recurrent, LISTED);
    const rows = [...few.map(row), ...rest(gate.inputs, few, 'other inputs')];
    rows.push(...others.map(row), ...rest(gate.recurrent, others, 'other units'));
    rows.push(sumRow('bias', gate.bias), sumRow(`z of ${gate.gate}`, gate.z, 'total'));
    this.#terms.replaceChildren(...rows);
  }
}

function row({ name, value, weight }: Term): HTMLElement {
  return el('tr', {}, rowHead(name), ...[value, weight, value * weight].map((each) => el('td', {}, number(each))));
}

function rest(all: readonly Term[], listed: readonly Term[], name: string): HTMLElement[] {
  const left = all.length - listed.length;
  if (left <= 0) return [];
  const sumOf = (terms: readonly Term[]): number => terms.reduce((sum, { value, weight }) => sum + value * weight, 0);
  return [sumRow(`${left} ${name}`, sumOf(all) - sumOf(listed))];
}

function sumRow(name: string, value: number, className = ''): HTMLElement {
  return el('tr', { class: className }, rowHead(name), el('td'), el('td'), el('td', {}, number(value)));
}

function rowHead(name: string): HTMLElement {
  return el('th', { attributes: { scope: 'row' } }, name);
}

function head(text: string): HTMLElement {
  return el('th', { attributes: { scope: 'col' } }, text);
}

function formula(name: string, words: string, numbers: string, result: string): HTMLElement {
  return el('p', { class: 'formula' }, `${name} = ${words} = ${numbers} = `, el('strong', {}, result));
}

/** Three decimals, and a minus that looks like one. */
function number(value: number): string {
  return value.toFixed(3).replace('-', '−');
}

function signed(value: number): string {
  return bracketed(number(value));
}

/** A negative factor stands in brackets. */
function bracketed(text: string): string {
  return text.startsWith('−') ? `(${text})` : text;
}
