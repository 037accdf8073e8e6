import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ParameterSet, type Checkpoint, type ModelSpec } from '../../../src/nn/index.ts';
import { HeapArena, Random } from '../../../src/tensor/index.ts';
import { browserName, DOWNLOADS } from '../browser.ts';
import { startEtude, type EtudeProcess } from '../../cli/etude-process.ts';
import { initialise } from '../../../src/nn/initialise.ts';

const songbook = resolve(import.meta.dirname, '../../../data/songbook');

/** Looks again and again until something is so. */
export async function waitUntil(condition: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not so after ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What stands under a heading of the training's facts. */
export async function factOf(page: Page, name: string): Promise<string> {
  return (await page.textContent(`.facts div:has(dt:text-is("${name}")) dd`))!;
}

export function stepOf(text: string): number {
  return Number(text.split(' of ')[0].replaceAll(',', ''));
}

/** Drops pieces of the songbook on the page. */
export async function drop(page: Page, names: string[]): Promise<void> {
  await dropBytes(page, names.map((name) => ({ name, bytes: readFileSync(join(songbook, name)) }))); // prettier-ignore
}

/** Drops files on the page as a user would: a real event with a real list of files. */
export async function dropBytes(page: Page, files: { name: string; bytes: Uint8Array }[]): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  const transfer = await page.evaluateHandle(
    `(() => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of ${JSON.stringify(given)}) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
      }
      return transfer;
    })()`,
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** Clicks, and returns where the file lies that comes down. */
export async function save(page: Page, selector: string, path: string): Promise<string> {
  if (browserName === 'Firefox') {
    await page.click(selector);
    renameSync(await downloaded(), path);
    return path;
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
  await download.saveAs(path);
  return path;
}

/** The one file that comes into the folder of downloads, once it is whole. */
async function downloaded(): Promise<string> {
  let size = 0;
  let path = '';
  await waitUntil(async () => {
    const names = readdirSync(DOWNLOADS);
    if (names.length !== 1 || names[0].endsWith('.part')) return false;
    path = join(DOWNLOADS, names[0]);
    const before = size;
    size = statSync(path).size;
    return size > 0 && size === before;
  }, 30_000);
  return path;
}

/** Types into a field and goes on to the next, as a user would: a field that is filled by a program need not tell of the change. */
export async function enter(page: Page, selector: string, text: string): Promise<void> {
  await page.fill(selector, '');
  await page.locator(selector).pressSequentially(text);
  await page.keyboard.press('Tab');
}

/** How many steps the network has taken that the browser keeps; -1 where it keeps none. */
export function keptSteps(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('etude-studio', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('kept');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = opening.result.transaction('kept').objectStore('kept').get('page');
      asked.onsuccess = () => { opening.result.close(); resolve(asked.result?.step ?? -1); };
    };
  })`);
}

/** Waits until the browser keeps the network after so many steps. */
export function isKept(page: Page, steps: number): Promise<void> {
  return waitUntil(async () => (await keptSteps(page)) === steps, 20_000);
}

/** Takes single steps, of a network that has taken some before. */
export async function trainSteps(page: Page, steps: number, before = 0): Promise<void> {
  for (let step = before + 1; step <= before + steps; step++) {
    await page.click('#step');
    await page.waitForSelector(`#status:has-text("Paused after step ${step}.")`);
  }
}

export function expectSameBits(found: Checkpoint, expected: Checkpoint): void {
  for (const [name, values] of Object.entries(expected.parameters)) {
    const bits = (array: Float32Array): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    expect(bits(found.parameters[name]).equals(bits(values)), name).toBe(true);
  }
}

/** The gates of the unit's table must be what their terms add up to, and what is made of the sum. */
export async function expectArithmetic(page: Page, gates = 4): Promise<void> {
  const number = (text: string): number => Number(text.replace('−', '-'));
  const rows = await page.locator('#cell [aria-label="Gates of the unit"] tbody tr').all();
  expect(rows).toHaveLength(gates);
  for (const row of rows) {
    const numbers = (await row.locator('td').allTextContents()).map(number);
    const [z, activation] = numbers.slice(-2);
    expect(numbers.slice(0, -2).reduce((sum, each) => sum + each, 0)).toBeCloseTo(z, 1);
    const gate = await row.locator('th').textContent();
    expect(/^[gnh]/.test(gate!) ? Math.tanh(z) : 1 / (1 + Math.exp(-z))).toBeCloseTo(activation, 2);
  }
  const products = await page.locator('#cell .terms td:last-child').allTextContents();
  const sum = products.slice(0, -1).reduce((total, text) => total + number(text), 0);
  expect(sum).toBeCloseTo(number(products.at(-1)!), 1);
}

export interface RunningStudio {
  process: EtudeProcess;
  url: string;
}

/** `etude studio` in a process of its own, once it says where the page is. */
export async function startStudio(etude: string, ...argv: string[]): Promise<RunningStudio> {
  const running = startEtude([process.execPath, etude], ['studio', ...argv, '--no-open', '--json']);
  const line = await new Promise<string>((resolve, reject) => {
    running.child.stdout!.once('data', (bytes: Buffer) => resolve(String(bytes)));
    void running.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { process: running, url: (JSON.parse(line) as { url: string }).url };
}

/** How many frames a second the page draws over five seconds, and the longest time between two, in milliseconds. */
export async function framesOf(page: Page): Promise<{ perSecond: number; longest: number }> {
  return page.evaluate<{ perSecond: number; longest: number }>(
    `new Promise((resolve) => {
          const times = [];
          const tick = (now) => {
            times.push(now);
            if (now - times[0] < 5000) return void requestAnimationFrame(tick);
            const gaps = times.slice(1).map((time, k) => time - times[k]);
            resolve({ perSecond: (1000 * gaps.length) / (now - times[0]), longest: Math.max(...gaps) });
          };
          requestAnimationFrame(tick);
        })`,
  );
}

/** A checkpoint of a network that has nothing to do with music, as examples/sine.ts makes one. */
export function noMusic(): Checkpoint {
  const spec: ModelSpec = {
    inputs: { categories: [], features: ['x'] },
    lstm: { layers: 1, hiddenSize: 4, dropout: 0 },
    heads: [{ name: 'x', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
    lossOn: 'all',
  };
  const weights = new ParameterSet(new HeapArena('float32'), spec);
  initialise(weights, Random.stream(1, 'init'));
  return { spec, parameters: weights.toArrays(), extra: {} };
}
