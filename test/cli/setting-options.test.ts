import { describe, expect, it } from 'vitest';
import { flagName } from '../../src/cli/options.ts';
import { echoSettings, givenSettings, overridesFrom, SETTING_OPTIONS } from '../../src/cli/setting-options.ts';
import { UsageError } from '../../src/errors.ts';
import { PRESETS, resolveSettings, SETTINGS, settingText, type PresetName } from '../../src/music/index.ts';

describe('the flags of settings', () => {
  it('are those that the settings themselves name', () => {
    const flags = SETTINGS.flatMap(({ flag, off }) => (off ? [`--${flag}`, `--no-${flag}`] : [`--${flag}`]));
    expect(Object.keys(SETTING_OPTIONS).map(flagName)).toEqual(flags);
  });

  it('say what each preset has, once where they agree', () => {
    expect(SETTING_OPTIONS.learningRate.help).toContain(
      '(default: songbook 0.005, quick 0.004, performance 0.008, tutorial 0.005)',
    );
    expect(SETTING_OPTIONS.layers.help).toContain('(default: 1)');
    expect(SETTING_OPTIONS.files.help).toContain('(default: all)');
  });

  it('refuse what the setting cannot be, in words', () => {
    expect(() => SETTING_OPTIONS.batchSize.parse!('0')).toThrow(UsageError);
    expect(() => SETTING_OPTIONS.batchSize.parse!('0')).toThrow(/Expected a whole number from 1 to 65,536/);
    expect(() => SETTING_OPTIONS.pitch.parse!('onehit')).toThrow(/Expected scalar or onehot. Did you mean onehot\?/);
    expect(() => SETTING_OPTIONS.clip.parse!('some')).toThrow(/or "none"/);
  });
});

describe('the settings that were given', () => {
  it('are those with a value, and the switches that were set', () => {
    const options = { json: true, batchSize: '32', sustain: true, allowDamaged: false, clip: undefined, notes: 3 };
    expect(givenSettings(options)).toEqual({ batchSize: '32', sustain: true });
    expect(givenSettings({ sustain: false, noSustain: true })).toEqual({ sustain: false });
  });

  it('mean numbers, words, null and true', () => {
    const texts = {
      batchSize: '1e2',
      learningRate: '.5',
      clip: 'none',
      files: 'all',
      pitch: 'scalar',
      velocity: 'classes',
      sustain: true,
      allowDamaged: false,
    } as const;
    const meant = {
      batchSize: 100,
      learningRate: 0.5,
      clip: null,
      files: null,
      pitch: 'scalar',
      velocity: 'classes',
      sustain: true,
      allowDamaged: false,
    };
    expect(overridesFrom(texts)).toEqual(meant);
    expect(resolveSettings('quick', overridesFrom(texts))).toMatchObject(meant);
  });

  it.each(Object.keys(PRESETS) as PresetName[])('read back what every setting of %s is written as', (preset) => {
    for (const info of SETTINGS.filter(({ kind }) => kind !== 'boolean')) {
      const text = settingText(info.key, PRESETS[preset]);
      expect(overridesFrom({ [info.key]: text })).toEqual({ [info.key]: PRESETS[preset][info.key] });
    }
  });
});

it('what differs from the preset is echoed as it would be typed', () => {
  expect(echoSettings('quick', resolveSettings('quick'))).toBe('');
  const changed = {
    batchSize: 32,
    clip: null,
    velocity: 'number',
    sustain: true,
    instrument: "name:Bob's",
    epochs: 40,
  };
  expect(echoSettings('quick', resolveSettings('quick', changed))).toBe(
    "--instrument 'name:Bob'\\''s' --sustain --velocity number --batch-size 32 --clip none",
  );
});
