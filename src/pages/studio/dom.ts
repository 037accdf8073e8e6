type Child = Node | string | null | undefined;
type Properties<T extends HTMLElement> = Partial<Omit<T, 'style' | 'dataset' | 'attributes'>> & {
  class?: string;
  /** Attributes, for those that are no properties. */
  attributes?: Record<string, string>;
  on?: Record<string, (event: never) => void>;
};

/** An element with its properties and children: `el('button', { type: 'button' }, 'Play')`. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { class: className, attributes = {}, on = {}, ...rest } = properties;
  Object.assign(element, rest);
  if (className !== undefined) element.className = className;
  for (const [name, value] of Object.entries<string>(attributes)) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener as EventListener);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button. */
export function button(
  label: string,
  action: () => void,
  properties: Properties<HTMLButtonElement> = {},
): HTMLButtonElement {
  return el('button', { type: 'button', ...properties, on: { click: action } }, label);
}

/** A labelled control, the label above it. */
export function field(label: string, control: HTMLElement, help?: string): HTMLElement {
  control.id ||= `field-${label.toLowerCase().replace(/\W+/g, '-')}`;
  if (help !== undefined) control.title = help;
  return el('div', { class: 'field' }, el('label', { htmlFor: control.id }, label), control);
}

/** A list to choose from. */
export function select<T extends string>(
  options: readonly (readonly [value: T, label: string])[],
  chosen: T,
  change: (value: T) => void,
): HTMLSelectElement {
  const element = el('select', { on: { change: () => change(element.value as T) } });
  setOptions(element, options, chosen);
  return element;
}

/** Puts other options into a list. */
export function setOptions(
  element: HTMLSelectElement,
  options: readonly (readonly [value: string, label: string])[],
  chosen: string,
): void {
  element.replaceChildren(
    ...options.map(([value, label]) => el('option', { value, selected: value === chosen }, label)),
  );
  element.value = chosen;
}

/** The element of that id, which the page's markup has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`internal: the page has no element "${id}"`);
  return element as T;
}

/** Hands a file to the user's downloads. */
export function download(name: string, bytes: Uint8Array, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
