import { messageOf } from '../../../errors.ts';
import {
  describeSetting,
  parseSettingText,
  SETTINGS,
  type SettingInfo,
  type Settings,
} from '../../../music/settings.ts';
import { button, field, select } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { PRESET_NAMES, type PresetChoiceName, type Store } from '../state.ts';

/** The headings of the groups. */
const GROUPS: Readonly<Record<SettingInfo['group'], string>> = {
  data: 'Which music',
  codec: 'How notes are encoded',
  network: 'The network and its loss',
  training: 'Training',
};

/** The form of all settings, made from their table: each with its help, its range, and a mark where it leaves the preset. */
export class SettingsView {
  readonly #store: Store;
  readonly #controls = new Map<SettingInfo, HTMLInputElement | HTMLSelectElement>();
  readonly #preset: HTMLSelectElement;
  readonly #threads: HTMLSelectElement;
  /** What suits the music, and why. */
  readonly #why = element('div', { class: 'why', id: 'why', role: 'status' });

  constructor(store: Store) {
    this.#store = store;
    const place = byId('settings');
    this.#preset = select(
      PRESET_NAMES.map((name) => [name, name] as const),
      store.state.preset,
      (preset: PresetChoiceName) => this.#store.set({ preset, overrides: keepSeed(store) }),
    );
    this.#threads = select([['auto', 'auto'], ...threadChoices()], String(store.state.threads), (text) =>
      this.#store.set({ threads: text === 'auto' ? 'auto' : Number(text) }),
    );
    const seed = SETTINGS.find(({ key }) => key === 'seed')!;
    place.append(
      element(
        'div',
        { class: 'fields' },
        field('Preset', this.#preset),
        this.#control(seed),
        field('Threads', this.#threads),
      ),
      this.#why,
      element(
        'div',
        { class: 'row presets' },
        button('As the preset', () => store.set({ overrides: keepSeed(store) })),
      ),
      ...(Object.keys(GROUPS) as SettingInfo['group'][]).map((group) => this.#group(group)),
    );
    store.subscribe(() => this.#refresh());
    this.#refresh();
  }

  #group(group: SettingInfo['group']): HTMLElement {
    const infos = SETTINGS.filter((info) => info.group === group && info.key !== 'seed');
    return element(
      'details',
      {},
      element('summary', {}, GROUPS[group]),
      element('div', { class: 'fields' }, ...infos.map((info) => this.#control(info))),
    );
  }

  #control(info: SettingInfo): HTMLElement {
    const id = `setting-${info.flag}`;
    const control = makeControl(info, id);
    control.addEventListener('change', () => this.#change(info, control));
    this.#controls.set(info, control);
    return element(
      'div',
      { class: 'field setting' },
      element('label', { for: id }, info.flag),
      control,
      element('p', { class: 'help', id: `${id}-help` }, info.help),
      element('p', { class: 'wrong', id: `${id}-wrong`, role: 'alert' }),
    );
  }

  #change(info: SettingInfo, control: HTMLInputElement | HTMLSelectElement): void {
    const wrong = byId(`${control.id}-wrong`);
    const text =
      control instanceof HTMLInputElement && control.type === 'checkbox' ? String(control.checked) : control.value;
    try {
      const value = parseSettingText(info, text.trim());
      wrong.textContent = '';
      control.removeAttribute('aria-invalid');
      const { overrides } = this.#store.state;
      const others = Object.entries(overrides).filter(([key]) => key !== info.key);
      // What it would be without is no override: that of the preset, what suits the music, or what goes with another setting.
      const without = this.#store.settingsWith(Object.fromEntries(others))[info.key];
      const changed = Object.fromEntries(without === value ? others : [...others, [info.key, value]]);
      this.#store.set({ overrides: changed as Partial<Settings> });
    } catch (thrown) {
      wrong.textContent = `Expected ${describeSetting(info)}.`;
      wrong.title = messageOf(thrown);
      control.setAttribute('aria-invalid', 'true');
    }
  }

  /** Shows what the state says, but for a field in which something wrong still stands. */
  #refresh(): void {
    const { state, settings } = this.#store;
    const plain = this.#store.settingsWith({});
    this.#sayWhy();
    this.#preset.value = state.preset;
    this.#threads.value = String(state.threads);
    for (const [info, control] of this.#controls) {
      control.closest('.setting')!.classList.toggle('changed', settings[info.key] !== plain[info.key]);
      if (control.getAttribute('aria-invalid') === 'true') continue;
      const value = settings[info.key];
      if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = value === true;
      else control.value = String(value ?? info.none);
    }
  }

  /** Said again only when it is another: a screen reader reads what changes. */
  #sayWhy(): void {
    const { why } = this.#store;
    if (why.join('\n') === [...this.#why.children].map(({ textContent }) => textContent).join('\n')) return;
    this.#why.replaceChildren(...why.map((sentence) => element('p', { class: 'help' }, sentence)));
  }
}

function makeControl(info: SettingInfo, id: string): HTMLInputElement | HTMLSelectElement {
  const described = { 'aria-describedby': `${id}-help ${id}-wrong` };
  if (info.kind === 'choice') {
    const words = [...(info.none === undefined ? [] : [info.none]), ...info.choices!];
    return element('select', { id, ...described }, ...words.map((value) => element('option', { value }, value)));
  }
  if (info.kind === 'boolean') return element('input', { id, type: 'checkbox', ...described });
  // Not type="number": "none" and "all" are values too.
  const inputmode = info.none === undefined && info.kind !== 'text' ? 'decimal' : 'text';
  return element('input', { id, type: 'text', inputmode, autocomplete: 'off', spellcheck: 'false', ...described });
}

/** Another preset begins as it is, but with the seed that was chosen. */
function keepSeed({ state: { overrides } }: Store): { seed?: number } {
  return overrides.seed === undefined ? {} : { seed: overrides.seed };
}

function threadChoices(): (readonly [string, string])[] {
  if (!globalThis.crossOriginIsolated) return [['1', '1']];
  const most = Math.min(8, navigator.hardwareConcurrency || 1);
  return Array.from({ length: most }, (_, k) => [String(k + 1), String(k + 1)] as const);
}
