import { isNumberCell, isNumberColumn, numberClass, type NumberCell } from '../cells.ts';
import { element, type Child } from './elements.ts';

/** What stands in a table: a number in words, or anything else. */
export type Cell = Child | NumberCell;

/** Rows of a table; the first cell of each is its title. Cells that are numbers in words stand to the right. */
export function table(titles: readonly Child[], rows: readonly (readonly Cell[])[], label?: string): HTMLElement {
  const head = titles.map((title, k) =>
    element('th', { scope: 'col', class: isNumberColumn(rows, k) ? 'number' : undefined }, title),
  );
  return wide(
    element(
      'table',
      { 'aria-label': label },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...rows.map((row) => tableRow(row))),
    ),
  );
}

/** One row; `className` where it is another than the rest. */
export function tableRow(cells: readonly Cell[], className?: string): HTMLTableRowElement {
  return element(
    'tr',
    { class: className },
    ...cells.map((cell, column) => {
      if (isNumberCell(cell))
        return element('td', { class: numberClass(cell) }, cell.strong ? element('strong', {}, cell.number) : cell.number); // prettier-ignore
      return column === 0 ? element('th', { scope: 'row' }, cell) : element('td', {}, cell);
    }),
  );
}

/** A place in which something may be wider than the page: it scrolls there. */
export function wide(content: HTMLElement): HTMLElement {
  return scrollableByKeys(element('div', { class: 'wide' }, content));
}

/** A part that may be wider than its place takes the focus then, so that it can be scrolled without a mouse. */
export function scrollableByKeys<Part extends Element>(part: Part): Part {
  widths ??= new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
    }
  });
  widths.observe(part);
  return part;
}

let widths: ResizeObserver | undefined;

/** Terms and what is said of them. */
export function factList(facts: readonly (readonly [term: string, fact: Child])[]): HTMLElement {
  return element('dl', {}, ...facts.flatMap(([term, fact]) => [element('dt', {}, term), element('dd', {}, fact)]));
}
