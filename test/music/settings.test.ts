import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { PRESETS, resolveSettings } from '../../src/music/presets.ts';
import {
  checkSetting,
  checkTogether,
  describeSetting,
  overriding,
  parseSettings,
  parseSettingText,
  SETTINGS,
  type SettingInfo,
  type Settings,
} from '../../src/music/settings.ts';

/** Values on both sides of each bound of a setting. */
function examplesOf(info: SettingInfo): { good: unknown[]; bad: unknown[] } {
  const { kind, min, above, max, below, choices, none } = info;
  const good: unknown[] = none === undefined ? [] : [null];
  const bad: unknown[] = [undefined, {}, []];
  if (none === undefined) bad.push(null);
  switch (kind) {
    case 'integer':
      good.push(min);
      bad.push(min! - 1, min! + 0.5, NaN, Infinity, `${min}`, true);
      if (max === undefined) good.push(Number.MAX_SAFE_INTEGER);
      else good.push(max);
      bad.push((max ?? Number.MAX_SAFE_INTEGER) + 1);
      break;
    case 'number':
      if (min !== undefined) good.push(min);
      if (min !== undefined) bad.push(min - 1e-9);
      if (above !== undefined) good.push(above + 1e-9);
      if (above !== undefined) bad.push(above);
      if (max !== undefined) good.push(max);
      if (max !== undefined) bad.push(max * 1.0001);
      if (below !== undefined) good.push(below - 1e-9);
      if (below !== undefined) bad.push(below);
      bad.push(NaN, Infinity, -Infinity, '0.5', false);
      break;
    case 'boolean':
      good.push(true, false);
      bad.push('true', 0, 1);
      break;
    case 'choice':
      good.push(...choices!);
      bad.push(choices![0].toUpperCase(), '', 0);
      break;
    case 'text':
      good.push('first');
      bad.push('', 3);
  }
  return { good, bad };
}

/** A value as a flag would carry it. */
function textOf(info: SettingInfo, value: unknown): string {
  return value === null ? info.none! : String(value);
}

describe.each(SETTINGS.map((info) => [info.key, info] as const))('the setting %s', (_key, info) => {
  const { good, bad } = examplesOf(info);

  it('takes what is in range, as a value and as the text of a flag', () => {
    for (const value of good) {
      expect(checkSetting(info, value)).toBe(value);
      expect(parseSettingText(info, textOf(info, value))).toBe(value);
    }
  });

  it('refuses everything else, and says what it expects and what came', () => {
    for (const value of bad) {
      const check = (): unknown => checkSetting(info, value);
      expect(check, String(value)).toThrow(UsageError);
      expect(check).toThrow(`--${info.flag}: expected ${describeSetting(info)}, got `);
    }
    for (const text of ['', ' ', 'nonsense?', 'null', 'NaN']) {
      if (info.kind === 'text' && text !== '') continue;
      expect(() => parseSettingText(info, text), JSON.stringify(text)).toThrow(UsageError);
    }
  });

  it('has a flag in dashes, a group and a sentence of help', () => {
    const dashed = info.key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(info.flag).toBe(dashed);
    expect(['data', 'codec', 'network', 'training']).toContain(info.group);
    expect(info.help.length).toBeGreaterThan(10);
  });
});

describe('the list of settings', () => {
  it('names each key of the presets once', () => {
    expect(SETTINGS.map(({ key }) => key)).toEqual([...new Set(SETTINGS.map(({ key }) => key))]);
    expect([...SETTINGS.map(({ key }) => key)].sort()).toEqual(Object.keys(PRESETS.quick).sort());
  });

  it('describes ranges in words', () => {
    const described = (key: string) => describeSetting(SETTINGS.find((info) => info.key === key)!);
    expect(described('files')).toBe('a whole number from 1 to 1,000,000,000, or "all"');
    expect(described('validation')).toBe('a number of at least 0 and below 1');
    expect(described('learningRate')).toBe('a number above 0 and at most 1,000,000');
    expect(described('bins')).toBe('a whole number from 2 to 512');
    expect(described('sustain')).toBe('true or false');
    expect(described('step')).toBe('raw, log or bins');
    expect(described('instrument')).toBe('some text');
    expect(described('clip')).toBe('a number above 0 and at most 1,000,000,000, or "none"');
  });
});

describe('settings together', () => {
  it('take minutes for the end, where no epochs are given beside them', () => {
    expect(resolveSettings('quick', { minutes: 5 })).toMatchObject({ minutes: 5, epochs: null });
    expect(resolveSettings('quick', { minutes: 5, epochs: 3 })).toMatchObject({ minutes: 5, epochs: 3 });
    expect(resolveSettings('quick', { minutes: null })).toMatchObject({ minutes: null, epochs: 40 });
  });

  it('take epochs or steps for the end, where no minutes are given beside them', () => {
    expect(resolveSettings('performance')).toMatchObject({ minutes: 15, epochs: null });
    expect(resolveSettings('performance', { epochs: 3 })).toMatchObject({ minutes: null, epochs: 3 });
    expect(resolveSettings('performance', { maxSteps: 9 })).toMatchObject({ minutes: null, epochs: null, maxSteps: 9 });
    expect(resolveSettings('performance', { maxSteps: 9, minutes: 2 })).toMatchObject({ minutes: 2, maxSteps: 9 });
  });

  it('have no flat part before an end that a schedule has not, unless it is asked for', () => {
    expect(resolveSettings('quick', { schedule: 'plateau' })).toMatchObject({ schedule: 'plateau', flat: 0 });
    expect(resolveSettings('quick', { schedule: 'linear' })).toMatchObject({ schedule: 'linear', flat: 0.6 });
    expect(resolveSettings('quick', { schedule: 'constant', flat: 0.2 })).toMatchObject({ flat: 0.2 });
    expect(overriding({ seed: 1 })).toEqual({ seed: 1 });
  });

  it('need an end, and one that falls for a flat part', () => {
    const check = (overrides: Partial<Settings>) => () => checkTogether({ ...PRESETS.quick, ...overrides });
    expect(check({ epochs: null })).toThrow(/--epochs: with "none", say with --max-steps or --minutes/);
    for (const end of [{ maxSteps: 9 }, { minutes: 1 }]) expect(check({ epochs: null, ...end })).not.toThrow();
    expect(check({ flat: 0.5, schedule: 'plateau' })).toThrow(
      /--flat: only the schedules cosine and linear .*, not plateau/,
    );
    for (const schedule of ['cosine', 'linear'] as const) expect(check({ flat: 0.5, schedule })).not.toThrow();
  });
});

describe('settings from anywhere', () => {
  it('come through as they were when they are right', () => {
    expect(parseSettings(JSON.parse(JSON.stringify(PRESETS.quick)))).toEqual(PRESETS.quick);
  });

  it('are refused when a key is unknown, and the known ones are listed', () => {
    const parse = (): unknown => parseSettings({ ...PRESETS.quick, lerningRate: 1 });
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(/unknown key "lerningRate"; the keys are files, .*learningRate/);
  });

  it('are refused when any key is missing', () => {
    for (const { key, flag, before } of SETTINGS) {
      if (before !== undefined) continue;
      const rest = Object.entries(PRESETS.quick).filter(([name]) => name !== key);
      expect(() => parseSettings(Object.fromEntries(rest))).toThrow(
        new RegExp(`^--${flag}: expected .*, got nothing\\.$`),
      );
    }
  });

  it('that are older than a setting get what was so then: files were read as pretty_midi reads them', () => {
    const older = Object.entries(PRESETS.quick).filter(([key]) => key !== 'compat' && key !== 'charset');
    expect(parseSettings(Object.fromEntries(older))).toEqual({ ...PRESETS.quick, compat: 'pretty_midi' });
  });

  it('that say whether there is a velocity mean one that is a number', () => {
    expect(parseSettings({ ...PRESETS.quick, velocity: true }).velocity).toBe('number');
    expect(parseSettings({ ...PRESETS.quick, velocity: false }).velocity).toBe('none');
  });

  it('that are older than warm-up, flat part and minutes have none of them', () => {
    const newer = ['warmup', 'flat', 'minutes'];
    const older = Object.entries(PRESETS.quick).filter(([key]) => !newer.includes(key));
    expect(parseSettings(Object.fromEntries(older))).toMatchObject({ warmup: 0, flat: 0, minutes: null });
  });

  it('that are older than the choice of an optimizer are of Adam, with one batch a step and no average', () => {
    const newer = {
      optimizer: 'adam',
      momentum: 0,
      weightDecay: 0,
      freeze: null,
      ema: null,
      accumulate: 1,
      clipValue: null,
    };
    const older = Object.entries(PRESETS.quick).filter(([key]) => !Object.hasOwn(newer, key));
    expect(older).toHaveLength(Object.keys(PRESETS.quick).length - 7);
    expect(parseSettings(Object.fromEntries(older))).toMatchObject(newer);
  });

  it.each([null, undefined, 3, 'quick', [1]])('are refused when they are no object: %j', (json) => {
    expect(() => parseSettings(json)).toThrow(UsageError);
  });

  it('never make anything but settings or a UsageError of any JSON but true and false, which are words in older files', () => {
    const json = fc.jsonValue().filter((value) => typeof value !== 'boolean');
    fc.assert(
      fc.property(fc.constantFrom(...SETTINGS), json, (info, value) => {
        try {
          expect(parseSettings({ ...PRESETS.tutorial, [info.key]: value })).toEqual({
            ...PRESETS.tutorial,
            [info.key]: value,
          });
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });

  it('say what came even where JSON has no word for it', () => {
    const info = SETTINGS.find(({ key }) => key === 'learningRate')!;
    expect(() => parseSettingText(info, 'Infinity')).toThrow('got Infinity.');
    expect(() => checkSetting(info, NaN)).toThrow('got NaN.');
    expect(() => parseSettingText(info, 'fast')).toThrow('got "fast".');
  });
});
