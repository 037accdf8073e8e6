import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../../src/nn/index.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { startEtude } from '../../cli/etude-process.ts';
import { inBrowser, noBrowser, startBrowser, type TestBrowser, withPageOf } from '../browser.ts';
import { drop, enter, expectSameBits, save, startStudio, trainSteps, type RunningStudio } from './user.ts';

const root = resolve(import.meta.dirname, '../../..');
const songbook = join(root, 'data/songbook');
const etude = useBuiltEtude();

/** Without the last digits of all numbers in it. */
function rounded(value: unknown): unknown {
  const shorter = (_: string, each: unknown): unknown => (typeof each === 'number' ? each.toPrecision(9) : each);
  return JSON.parse(JSON.stringify(value ?? null, shorter));
}

describe.skipIf(noBrowser)(`a preset in the page, ${inBrowser}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-preset-'));
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
    await server.process.ended;
  });

  async function run(...argv: string[]): Promise<void> {
    const { code, stderr } = await startEtude([process.execPath, etude], argv).ended;
    expect([code, stderr.includes('etude:')], stderr).toEqual([0, false]);
  }

  it.each([
    ['quick', 1],
    ['quick', 2],
    ['auto', 1],
    ['auto', 2],
  ] as const)(
    'trains 50 steps to the very numbers of the command line, preset %s, on %i threads',
    async (preset, threads) => {
      const out = join(folder, `run-${preset}-${threads}`);
      const settings = ['--preset', preset, '--seed', '7', '--max-steps', '50', '--threads', String(threads)];
      const argv = ['train', songbook, '--out', out, ...settings, '--no-sample', '--cache', 'none'];
      await run(...argv);
      const ours = decodeCheckpoint(readFileSync(join(out, 'last.safetensors')));
      const hash = preset === 'auto' ? '' : `preset=${preset}&`;
      await withPageOf(browser, `${server.url}#${hash}seed=7&max-steps=50&threads=${threads}`, async (page) => {
        await page.click('#start');
        await page.waitForSelector('#status:has-text("over after 50 steps: max steps")', { timeout: 120_000 });
        const theirs = decodeCheckpoint(
          readFileSync(await save(page, '#save-model', join(folder, 'fifty.safetensors'))),
        );
        expect(theirs.training!.engineName).toBe(ours.training!.engineName);
        // The sums of all losses and norms so far, in float64: one other bit in one step would be seen here.
        expect(theirs.training!.trainer).toEqual(ours.training!.trainer);
        const [{ memory, ...extra }, { memory: ourMemory, ...ourExtra }] = [theirs.extra, ours.extra];
        expect(extra).toEqual(ourExtra);
        // Fitted in float64 by the functions of Math, whose last bits differ from one JavaScript engine to another.
        expect(rounded(memory)).toEqual(rounded(ourMemory));
        expect(memory === undefined).toBe(preset === 'quick');
        expectSameBits(theirs, ours);
      });
    },
  );

  it('chooses what suits the music, and says why beside the preset', async () => {
    await withPageOf(browser, server.url, async (page) => {
      await page.waitForSelector('#why:has-text("12,724 notes in notation")');
      expect(await page.textContent('#why')).toContain('the preset songbook, in beats');
      expect(await page.inputValue('#field-preset')).toBe('auto');
      expect(await page.inputValue('#setting-hidden-size')).toBe('128');
      await page.click('summary:has-text("The network and its loss")');
      await enter(page, '#setting-hidden-size', '32');
      await drop(page, ['bach-invention-1.mid', 'bach-prelude-c.mid']);
      await page.waitForSelector('#why:has-text("Set by you: --hidden-size 32.")');
      expect(await page.inputValue('#setting-hidden-size')).toBe('32');
      await page.click('text="As the preset"');
      expect(await page.inputValue('#setting-hidden-size')).toBe('64');
      await page.selectOption('#field-preset', 'quick');
      expect(await page.textContent('#why')).toBe('');
      expect(await page.inputValue('#setting-hidden-size')).toBe('128');
    });
  });

  it('ends its music itself, at a tempo that can be chosen, as etude generate does', async () => {
    await withPageOf(browser, `${server.url}#threads=1&hidden-size=16`, async (page) => {
      await trainSteps(page, 2);
      expect(await page.getAttribute('#field-new-notes', 'placeholder')).toBe('until it ends');
      expect(await page.getAttribute('#field-tempo', 'placeholder')).toMatch(/^its own: \d+$/);
      const model = await save(page, '#save-model', join(folder, 'two.safetensors'));
      for (const tempo of [undefined, 80]) {
        if (tempo !== undefined) await enter(page, '#field-tempo', String(tempo));
        await page.click('#draw');
        await page.waitForSelector('#drawn-end:has-text("The network ended the piece: ")');
        const [midi, again] = [await save(page, 'text="Save MIDI"', join(folder, 'p.mid')), join(folder, 'q.mid')];
        await run(
          'generate',
          model,
          '--out',
          again,
          '--force',
          ...(tempo === undefined ? [] : ['--tempo', String(tempo)]),
        );
        expect(readFileSync(midi).equals(readFileSync(again)), String(tempo)).toBe(true);
      }
      await page.selectOption('#field-preset', 'quick');
      await page.click('#reset');
      await page.waitForSelector('#field-tempo', { state: 'hidden' });
      expect(await page.getAttribute('#field-new-notes', 'placeholder')).toBe('120');
    });
  });
});
