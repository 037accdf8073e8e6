/** What stands in an element. Text is set as text, never as markup: names of files and pieces cannot become elements. */
export type Child = Node | string | null | undefined;

/** True stands for an attribute without a value; false, null and undefined for none. */
type Value = string | number | boolean | null | undefined;

type Listeners = { [Type in keyof HTMLElementEventMap as `on${Type}`]?: (event: HTMLElementEventMap[Type]) => void };

type Names =
  | 'accept' | 'autocomplete' | 'class' | 'disabled' | 'download' | 'for' | 'hidden' | 'href' | 'id' | 'inputmode' | 'max'
  | 'min' | 'multiple' | 'placeholder' | 'role' | 'scope' | 'selected' | 'spellcheck' | 'step' | 'tabindex' | 'title' | 'type'
  | 'value' | 'webkitdirectory'; // prettier-ignore

/** Attributes as HTML writes them, and listeners by the names that it gives them: `{ type: 'button', onclick: () => … }`. */
export type Attributes = Listeners & Partial<Record<Names | `aria-${string}` | `data-${string}`, Value>>;

/** SVG has too many to list. */
export type SvgAttributes = Record<string, Value>;

/** An element with attributes, listeners and children: `element('p', { class: 'note' }, 'Nothing yet.')`. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG, without listeners. */
export function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: SvgAttributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill<Made extends Element>(made: Made, attributes: object, children: Child[]): Made {
  for (const [name, value] of Object.entries(attributes) as [string, Value | EventListener][]) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** The element of that id, which the page's markup has. */
export function byId<Made extends HTMLElement = HTMLElement>(id: string): Made {
  const found = document.getElementById(id);
  if (!found) throw new Error(`internal: the page has no element "${id}"`);
  return found as Made;
}
