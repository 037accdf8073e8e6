import { element, type Attributes } from './elements.ts';

/** A value and what people read for it. */
export type Options<Value> = readonly (readonly [value: Value, text: string])[];

/** A button that does something. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', ...attributes, onclick: press }, label);
}

/** A button that stays pressed until it is pressed again. */
export function toggle(label: string, change: (on: boolean) => void): HTMLButtonElement {
  const made = button(
    label,
    () => {
      const on = made.getAttribute('aria-pressed') !== 'true';
      made.setAttribute('aria-pressed', String(on));
      change(on);
    },
    { 'aria-pressed': 'false' },
  );
  return made;
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
  const legend = element('span', { class: 'legend', 'aria-hidden': 'true' }, label);
  return {
    root: element('div', { class: 'group', role: 'group', 'aria-label': label }, legend, ...buttons),
    show: (isPressed) =>
      buttons.forEach((one, k) => one.setAttribute('aria-pressed', String(isPressed(options[k].value)))),
  };
}

/** A list to choose from; `field` gives it its label. */
export function select<Value extends string>(
  options: Options<Value>,
  chosen: Value,
  change: (value: Value) => void,
  attributes: Attributes = {},
): HTMLSelectElement {
  const made = element('select', { ...attributes, onchange: () => change(made.value as Value) });
  setOptions(made, options, chosen);
  return made;
}

/** Puts other options into a list. */
export function setOptions(list: HTMLSelectElement, options: Options<string>, chosen: string): void {
  list.replaceChildren(
    ...options.map(([value, text]) => element('option', { value, selected: value === chosen }, text)),
  );
  list.value = chosen;
}

/** A control with its label. The control's id, where it has none, is that of the label: `field-new-notes`. */
export function field(label: string, control: HTMLElement, help?: string): HTMLElement {
  control.id ||= `field-${label.toLowerCase().replace(/\W+/g, '-')}`;
  if (help !== undefined) control.title = help;
  return element('div', { class: 'field' }, element('label', { for: control.id }, label), control);
}
