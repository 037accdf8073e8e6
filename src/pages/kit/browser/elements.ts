type Child = Node | string | undefined;

/** Attributes; true stands for one without a value, false and undefined for none. */
type Attributes = Record<string, string | number | boolean | undefined>;

/** An element with attributes and children. Text is set as text, never as markup: names in a study cannot become elements. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  return fill(made, attributes, children);
}

/** The same for SVG. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill<Made extends Element>(made: Made, attributes: Attributes, children: Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button that does something. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', press);
  return made;
}

/** A labelled choice among a few. */
export function choice<Value extends string>(
  label: string,
  options: readonly (readonly [value: Value, text: string])[],
  chosen: Value,
  change: (value: Value) => void,
): { root: HTMLLabelElement; set(value: Value): void } {
  const select = element('select', {}, ...options.map(([value, text]) => element('option', { value }, text)));
  select.value = chosen;
  select.addEventListener('change', () => change(select.value as Value));
  return { root: element('label', {}, label, select), set: (value) => (select.value = value) };
}

/** A group of buttons of which one, or any number, is pressed. */
export function toggles<Value>(
  label: string,
  options: readonly { value: Value; text: string; title?: string }[],
  press: (value: Value) => void,
): { root: HTMLElement; show(isPressed: (value: Value) => boolean): void } {
  const buttons = options.map(({ value, text, title }) =>
    button(text, () => press(value), { title, 'aria-label': title, 'aria-pressed': 'false' }),
  );
  const root = element('div', { class: 'group', role: 'group', 'aria-label': label }, element('span', { class: 'legend', 'aria-hidden': 'true' }, label), ...buttons); // prettier-ignore
  return {
    root,
    show: (isPressed) =>
      buttons.forEach((one, k) => one.setAttribute('aria-pressed', String(isPressed(options[k].value)))),
  };
}

/** What stands in a table: a number in words, or anything else. */
export type Cell = Child | { number: string; tone?: 'plus' | 'minus' | undefined };

/** Rows of a table; the first cell of each is its title. Cells that are numbers in words stand to the right. */
export function table(titles: readonly string[], rows: readonly (readonly Cell[])[], caption?: string): HTMLElement {
  const isNumber = (column: number): boolean => rows.some((row) => isFigure(row[column]));
  const head = titles.map((title, k) => element('th', { scope: 'col', class: isNumber(k) ? 'number' : undefined }, title)); // prettier-ignore
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      ...row.map((cell, column) => {
        if (isFigure(cell)) return element('td', { class: `number ${cell.tone ?? ''}` }, cell.number);
        return column === 0 ? element('th', { scope: 'row' }, cell) : element('td', {}, cell);
      }),
    ),
  );
  const root = element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      caption === undefined ? undefined : element('caption', { class: 'hidden' }, caption),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
  return scrollableByKeys(root);
}

function isFigure(cell: unknown): cell is { number: string; tone?: 'plus' | 'minus' } {
  return typeof cell === 'object' && cell !== null && 'number' in cell;
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

/** The element of the page that is called `data-view="name"`, where there is one. */
export function viewOf(name: string): HTMLElement | undefined {
  return document.querySelector<HTMLElement>(`[data-view="${name}"]`) ?? undefined;
}

/** A way to ask for `draw`: once before the screen is next painted, and only while `place` can be seen, or as soon as it can. */
export function whenSeen(place: Element, draw: () => void): () => void {
  let seen = true;
  let wanted = false;
  let scheduled = false;
  const ask = (): void => {
    wanted = true;
    if (scheduled || !seen) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (!seen) return;
      wanted = false;
      draw();
    });
  };
  new IntersectionObserver(
    ([entry]) => {
      seen = entry.isIntersecting;
      if (seen && wanted) ask();
    },
    { rootMargin: '200px' },
  ).observe(place);
  return ask;
}

/** Calls `draw` with the width of `place` now, and whenever it has another. */
export function onWidth(place: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const observer = new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (width === last || width === 0) return;
    last = width;
    draw(width);
  });
  observer.observe(place);
}
