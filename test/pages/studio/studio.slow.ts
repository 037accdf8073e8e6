import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeWav, readMidi } from '../../../src/midi/index.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { tinySoundFont } from '../../support/tiny-soundfont.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { startEtude } from '../../cli/etude-process.ts';
import {
  BEYOND,
  browserName,
  DESKTOP,
  newPage,
  inBrowser,
  noBrowser,
  noSound,
  PHONE,
  ready,
  startBrowser,
  type TestBrowser,
  withPageOf,
  type PageTest,
} from '../browser.ts';
import {
  drop,
  dropBytes,
  enter,
  expectArithmetic,
  factOf,
  noMusic,
  save,
  stepOf,
  trainSteps,
  waitUntil,
  startStudio,
  type RunningStudio,
} from './user.ts';

const root = resolve(import.meta.dirname, '../../..');
const songbook = join(root, 'data/songbook');
const etude = useBuiltEtude();

describe.skipIf(noBrowser)(`the page ${inBrowser}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-studio-'));
  let browser: TestBrowser;
  let server: RunningStudio;

  beforeAll(async () => {
    browser = await startBrowser();
    server = await startStudio(etude);
  });

  afterAll(async () => {
    await (browser as TestBrowser | undefined)?.close();
    rmSync(folder, { recursive: true, force: true });
    server.process.child.kill('SIGINT');
    const { code } = await server.process.ended;
    expect(code).toBe(0);
  });

  const withPage = (hash: string, test: PageTest, options?: BrowserContextOptions): Promise<void> =>
    withPageOf(browser, `${server.url}${hash}`, test, options);

  async function saveModel(page: Page, name: string): Promise<string> {
    return save(page, '#save-model', join(folder, name));
  }

  async function run(...argv: string[]): Promise<void> {
    const { code, stderr } = await startEtude([process.execPath, etude], argv).ended;
    expect([code, stderr.includes('etude:')], stderr).toEqual([0, false]);
  }

  it('goes the whole road: drop, train until the loss has halved, pause, step, look, draw, save, reload', async () => {
    await withPage('#preset=quick&seed=3&threads=1', async (page) => {
      expect(await page.evaluate('globalThis.crossOriginIsolated')).toBe(true);
      await drop(page, ['bach-invention-1.mid', 'bach-prelude-c.mid', 'satie-gymnopedie-1.mid']);
      await page.waitForSelector('#data :text("3 pieces")');
      await page.waitForSelector('#status:has-text("A new network")');

      await page.click('#start');
      await waitUntil(async () => Number(await factOf(page, 'loss')) > 0, 60_000);
      const first = Number(await factOf(page, 'loss'));
      await waitUntil(async () => Number(await factOf(page, 'loss')) < first / 2, 240_000);
      await page.click('#start');
      await page.waitForSelector('#status:has-text("Paused after step")');
      const paused = stepOf(await factOf(page, 'step'));
      await page.waitForTimeout(400);
      expect(stepOf(await factOf(page, 'step'))).toBe(paused);
      await page.click('#step');
      await page.waitForSelector(`#status:has-text("Paused after step ${(paused + 1).toLocaleString('en')}")`);

      await page.focus('canvas[aria-label^="Heat map"]');
      for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
        await page.keyboard.press(key);
      await page.waitForSelector('#cell :text("Unit 4 of layer 1, after reading note 3")');
      expect(await page.textContent('.readout')).toMatch(/^Note 3, .*surprise \d.*Unit 4: i 0\.\d+, f 0\./);
      await page.waitForSelector('.track-head strong:text-is("Unit 4")');
      await expectArithmetic(page);

      await enter(page, '#field-new-notes', '60');
      await enter(page, '#field-seed-of-the-music', '11');
      await enter(page, '#field-temperature-pitch-', '0.9');
      await enter(page, '#field-time-temperature', '0.8');
      await page.focus('#field-recall');
      for (let half = 0; half < 8; half++) await page.keyboard.press('ArrowRight');
      expect(await page.textContent('output[for="field-recall"]')).toBe('4');
      await page.focus('#field-repeats-at-most');
      await page.keyboard.press('Home');
      for (let hundredth = 0; hundredth < 15; hundredth++) await page.keyboard.press('ArrowRight');
      await page.click('#draw');
      await page.waitForSelector('#drawn:has-text("Note 60 of 60")');
      const model = await saveModel(page, 'halved.safetensors');
      const midi = await save(page, 'text="Save MIDI"', join(folder, 'drawn.mid'));
      const wav = await save(page, 'text="Save WAV"', join(folder, 'drawn.wav'));

      const again = join(folder, 'again.mid');
      const how = ['--temperature', '0.9', '--time-temperature', '0.8', '--recall', '4', '--recall-budget', '0.15'];
      await run('generate', model, '--out', again, '--notes', '60', '--seed', '11', ...how);
      expect(readFileSync(midi).equals(readFileSync(again))).toBe(true);
      expect(readMidi(readFileSync(midi)).instruments[0].notes).toHaveLength(60);
      const sound = decodeWav(readFileSync(wav));
      expect([sound.sampleRate, sound.channels.length]).toEqual([44_100, 2]);
      expect(sound.channels[0].some((sample) => Math.abs(sample) > 0.1)).toBe(true);
      await run('summary', model);

      await page.reload();
      await ready(page);
      expect(await page.inputValue('#setting-seed')).toBe('3');
      expect(await page.inputValue('#field-new-notes')).toBe('60');
      expect(await page.inputValue('#field-temperature-pitch-')).toBe('0.9');
      expect(await page.inputValue('#field-recall')).toBe('4');
      expect(new URL(page.url()).hash).toContain('view-unit=3');
    });
  });

  it('opens a model of the command line, and goes on with its training bit for bit', async () => {
    const [short, long] = [join(folder, 'short'), join(folder, 'long')];
    const settings = [
      '--preset',
      'quick',
      '--threads',
      '1',
      '--no-sample',
      '--cache',
      'none',
      '--epochs',
      '2',
      '--steps-per-epoch',
      '10',
      // One that falls would fall to the end of the short run.
      '--schedule',
      'constant',
    ];
    await run('train', songbook, '--out', long, ...settings);
    await run('train', songbook, '--out', short, ...settings, '--max-steps', '10');
    const ours = decodeCheckpoint(readFileSync(join(long, 'last.safetensors')));
    // What ended the short run must not end this one.
    const last = decodeCheckpoint(readFileSync(join(short, 'last.safetensors')));
    const settingsThen = last.extra.settings as Record<string, unknown>;
    const unlimited = { ...last, extra: { ...last.extra, settings: { ...settingsThen, maxSteps: null } } };
    await withPage('#threads=1', async (page) => {
      await dropBytes(page, [{ name: 'resumed.safetensors', bytes: encodeCheckpoint(unlimited) }]);
      await page.waitForSelector('#status:has-text("trained for 10 steps")');
      for (let step = 11; step <= 14; step++) {
        await page.click('#step');
        await page.waitForSelector(`#status:has-text("Paused after step ${step}.")`);
      }
      await page.click('#start');
      await page.waitForSelector('#status:has-text("over after 20 steps")');
      const theirs = decodeCheckpoint(readFileSync(await saveModel(page, 'resumed.safetensors')));
      expect(theirs.training!.trainer.history).toEqual(ours.training!.trainer.history);
    });
  });

  it('hears typed notes first, and says beside them what is wrong', async () => {
    await withPage('#threads=1&play-notes=5', async (page) => {
      await page.fill('#field-or-type-notes', 'C4 X4');
      expect(await page.textContent('#typed-wrong')).toMatch(/column 4: expected a note/);
      await page.fill('#field-or-type-notes', '');
      const model = await saveModel(page, 'typed.safetensors');
      await page.selectOption('#field-primer', 'none');
      for (const primer of ['none', 'C4 E4 G4']) {
        if (primer !== 'none') await page.fill('#field-or-type-notes', primer);
        await page.click('#draw');
        await page.waitForSelector('#drawn:has-text("Note 5 of 5")');
        const [ours, theirs] = [await save(page, 'text="Save MIDI"', join(folder, 'p.mid')), join(folder, 'again.mid')];
        await run('generate', model, '--out', theirs, '--force', '--notes', '5', '--primer', primer);
        expect(readFileSync(ours).equals(readFileSync(theirs)), primer).toBe(true);
      }
    });
  });

  it('begins with the model that the server was given', async () => {
    const out = join(folder, 'served');
    await run('train', songbook, '--out', out, '--max-steps', '3', '--threads', '1', '--no-sample', '--cache', 'none');
    const own = await startStudio(etude, out);
    const context = await browser.newContext({ viewport: DESKTOP });
    try {
      const { page, complaints } = await newPage(context, own.url);
      await page.goto(own.url);
      await page.waitForSelector('#status:has-text("A network from a file, trained for 3 steps")', {
        timeout: 30_000,
      });
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
      own.process.child.kill('SIGINT');
      expect((await own.process.ended).code).toBe(0);
    }
  });

  it.skipIf(noSound)('plays, loops, mutes, takes a SoundFont, and answers what is played on its keys', async () => {
    await withPage('#hidden-size=16&batch-size=8&play-notes=8', async (page) => {
      await page.click('text="Hear"');
      await page.click('#data button:has-text("Stop")');
      await page.click('#draw');
      await page.waitForSelector('#drawn:has-text("Note 8 of 8")');
      await page.click('text="Mute"');
      await page.click('text="Loop"');
      await page.click('#play button:text-is("Play")');
      await page.click('#play button:has-text("Stop")');
      const piano = readFileSync(await save(page, 'text="Save WAV"', join(folder, 'piano.wav')));
      await dropBytes(page, [{ name: 'sine.sf2', bytes: tinySoundFont() }]);
      await page.waitForSelector('.message:has-text("sine.sf2 plays from now on")');
      const sine = readFileSync(await save(page, 'text="Save WAV"', join(folder, 'sine.wav')));
      expect(decodeWav(sine).channels[0].length).toBeGreaterThan(44_100);
      expect(sine.equals(piano)).toBe(false);

      await page.focus('.piano .key');
      for (const key of ['a', 'd', 'g']) await page.keyboard.press(key, { delay: 60 });
      await page.waitForSelector('#drawn:has-text("of 32")', { timeout: 10_000 });
    });
  });

  describe('what goes wrong', () => {
    // Chromium goes on without a sound card.
    it.skipIf(browserName !== 'Firefox')('gets a sentence: a machine without a sound card', async () => {
      const silent = await startBrowser([], { silent: true });
      try {
        await withPageOf(silent, server.url, async (page) => {
          await page.click('text="Hear"');
          await page.waitForSelector('.message.error:has-text("the browser gives no sound")', { timeout: 60_000 });
          await page.waitForSelector('#data button:text-is("Hear"):not([disabled])');
        });
      } finally {
        await silent.close();
      }
    });

    it('gets a sentence: a browser without room', async () => {
      const full = `IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };`;
      await withPage('', async (page) => {
        await page.addInitScript(full);
        await page.reload();
        await ready(page);
        await trainSteps(page, 1);
        await page.waitForSelector('.message.error:has-text("no room to keep")');
        await page.click('#step');
        await page.waitForSelector('#status:has-text("Paused after step 2.")');
      });
    });

    // Firefox has no flag that takes it away.
    it.skipIf(browserName === 'Firefox')(
      'gets a sentence: a browser without SIMD, in which the plain kernels compute',
      async () => {
        const old = await startBrowser([
          '--js-flags=--no-enable-sse3 --no-enable-ssse3 --no-enable-sse4-1 --no-enable-avx',
        ]);
        try {
          const { page, complaints } = await newPage(await old.newContext({ viewport: DESKTOP }), server.url);
          await page.goto(`${server.url}#hidden-size=8&batch-size=4`);
          await ready(page);
          expect(await page.textContent('#messages')).toContain('no WebAssembly SIMD');
          expect(await page.textContent('#engine-name')).toBe('reference');
          await trainSteps(page, 2);
          expect(complaints).toEqual([]);
        } finally {
          await old.close();
        }
      },
    );

    it.each([
      ['notes.txt', 'no music', /takes MIDI files/],
      ['broken.mid', 'no music either', /broken\.mid is left out: .*MIDI/],
      ['model.safetensors', 'torn', /model\.safetensors: .*The network that was there stays/],
      ['piano.sf2', 'none', /SoundFont/],
    ])('gets a sentence: %s', async (name, text, sentence) => {
      await withPage('', async (page) => {
        await trainSteps(page, 2);
        await dropBytes(page, [{ name, bytes: Buffer.from(text) }]);
        await page.waitForSelector('.message.error');
        expect(await page.textContent('#messages')).toMatch(sentence);
        // Nothing is lost: the songbook is there, and the network goes on.
        expect(await page.textContent('#data')).toContain('27 pieces');
        await page.click('#step');
        await page.waitForSelector('#status:has-text("Paused after step 3.")');
      });
    });

    it('gets a sentence: a model of another architecture', async () => {
      await withPage('', async (page) => {
        await trainSteps(page, 1);
        await dropBytes(page, [{ name: 'sine.safetensors', bytes: Buffer.from(encodeCheckpoint(noMusic())) }]);
        await page.waitForSelector('.message.error:has-text("no codec for music")');
        await page.click('#step');
        await page.waitForSelector('#status:has-text("Paused after step 2.")');
      });
    });

    it('gets a sentence: a song shorter than the window', async () => {
      await withPage('#preset=quick&seq-length=900', async (page) => {
        await drop(page, ['twinkle.mid']);
        await page.waitForSelector('.message.error:has-text("at least 901 are needed")');
      });
    });

    it('gets a sentence: a setting that cannot be, in the address or in its field', async () => {
      await withPage('#hidden-size=many', async (page) => {
        await page.waitForSelector('.message.error:has-text("hidden-size in the address")');
        await enter(page, '#setting-seed', 'x');
        expect(await page.textContent('#setting-seed-wrong')).toMatch(/Expected a whole number/);
      });
    });
  });

  it.each([
    ['1440 x 900', DESKTOP],
    ['390 x 844', PHONE],
  ] as const)(
    'has no serious fault that axe finds, at %s, light and dark, and fits the screen',
    async (_, viewport) => {
      const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
      for (const colorScheme of ['light', 'dark'] as const) {
        await withPage(
          '#play-recall=8&play-budget=0.3&play-notes=120',
          async (page) => {
            await trainSteps(page, 1);
            await page.click('#draw');
            await page.waitForSelector('#drawn:has-text("of 120")');
            for (const summary of await page.$$('summary')) await summary.click();
            await page.evaluate(axe);
            const faults = await page.evaluate(
              `axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) =>
              ({ id, impact, where: nodes.map(({ html }) => html).slice(0, 3) })))`,
            );
            expect(faults).toEqual([]);
            expect(await page.evaluate(BEYOND)).toBeLessThanOrEqual(0);
          },
          { viewport, colorScheme },
        );
      }
    },
  );
});
