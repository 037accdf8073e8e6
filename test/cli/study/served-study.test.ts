import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type RunningServer } from '../../../src/cli/local-server/server.ts';
import { run } from '../../../src/cli/run.ts';
import { servedStudy } from '../../../src/cli/study/served-study.ts';
import { studyPage, studyPolicy } from '../../../src/pages/study/study-page.ts';
import {
  dequantise,
  openStudy,
  type ByteMatrix,
  type OpenStudy,
  type Quantity,
  type StudyDetail,
} from '../../../src/study/index.ts';
import { longSong } from '../../support/long-song.ts';
import { toyModel, toySettings } from '../../support/toy-music.ts';
import { testIo } from '../run-etude.ts';
import { useTinyRun } from '../tiny-music.ts';

const NOTES = 1300;
let studied: OpenStudy;
let server: RunningServer;
let address: string;

beforeAll(async () => {
  studied = await openStudy({ model: await toyModel(toySettings('quick')), path: 'toy', song: longSong(NOTES), backend: 'reference' }); // prettier-ignore
  server = await serve(servedStudy(studied, { studyPage, studyPolicy }), 0);
  const page = await (await fetch(server.url)).text();
  address = /data-details="([^"]*)"/.exec(page)![1];
});

afterAll(() => server.close());

function ask(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; policy: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode!, body, policy: String(response.headers['content-security-policy']) })); // prettier-ignore
    });
    sent.on('error', reject).end();
  });
}

describe('a study that is served', () => {
  it('gives the page, whose policy allows it to ask this server and nobody else', async () => {
    const { status, body, policy } = await ask('/');
    expect(status).toBe(200);
    expect(body).toBe(studyPage(studied.data, { path: '/details.json', study: address.split('=')[1] }));
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('tells the details around any note, those of the study itself among them', async () => {
    const { data } = studied;
    const told = async (note: number): Promise<StudyDetail> => JSON.parse((await ask(`${address}&note=${note}`)).body) as StudyDetail; // prettier-ignore
    const [first, last] = [await told(1), await told(NOTES)];
    expect(first.detail).toEqual({ from: 1, to: 256 });
    expect(last.detail).toEqual({ from: NOTES - 255, to: NOTES });
    // What the page has itself is the same, in other columns of its tables.
    const heat = ({ f }: Partial<Record<Quantity, ByteMatrix>>, note: number): number =>
      dequantise(f!)[2 * f!.columns + note];
    expect([0, 100, 255].map((note) => heat(first.layers[0].heat, note))).toEqual([0, 100, 255].map((note) => heat(data.layers[0].heat, note))); // prettier-ignore
    expect(first.layers[0].points).toEqual(data.layers[0].path!.points.map((values) => values.slice(0, 256)));
    first.byStep.dh[0].forEach((norm, note) => { expect(norm / data.gradient.byStep.dh[0][note]).toBeCloseTo(1, 3); }); // prettier-ignore
    const row = (table: ByteMatrix, note: number): number[] => [...dequantise(table).subarray(note * table.columns, (note + 1) * table.columns)]; // prettier-ignore
    expect(row(first.saliency![0].values, 99)).toEqual(row(data.saliency!.heads[0].values, 99));
    expect(row(last.saliency![0].values, 255).some((value) => value !== 0)).toBe(true);
  });

  it.each([
    '',
    '&note=0',
    `&note=${NOTES + 1}`,
    '&note=-1',
    '&note=1.5',
    '&note=1e3',
    '&note=99999999999999999999',
    '&note=NaN',
    '&note=',
    '&note=1&note=2',
    '&note=%00',
    '&note=../../etc/passwd',
    '&from=0&to=1000000000',
  ])('refuses %j, and says what it expects', async (query) => {
    const { status, body } = await ask(`${address}${query}`);
    expect([status, body]).toEqual([400, `note: expected one of the notes 1 to ${NOTES} of this song.\n`]);
  });

  it.each([
    '/details.json?note=5',
    '/details.json?study=0123456789abcdef&note=5',
    `/details.json?study=x&study=y&note=5`,
  ])('takes %s for the question of another study', async (path) => {
    expect(await ask(path)).toMatchObject({
      status: 409,
      body: expect.stringMatching(/Reload the page/) as string,
    });
  });

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/details',
    '/details.json/',
    '//details.json',
    '/study.html',
    '/etc/passwd',
  ])('knows nothing of %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it('answers to its own names only', async () => {
    expect((await ask(`${address}&note=5`, { host: `localhost:${server.port}` })).status).toBe(200);
    for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1:1']) {
      expect((await ask(`${address}&note=5`, { host })).status).toBe(421);
    }
  });
});

describe('etude study --serve', () => {
  const tinyRun = useTinyRun();

  it('shows the page without a file, answers for its notes, and ends with Ctrl-C', async () => {
    const { run: model, music } = await tinyRun();
    const { io, stdout, stderr, interrupt } = testIo();
    const song = join(music, 'piece-0.mid');
    const ended = run(['study', model, song, '--serve', '--port', '0', '--no-open', '--backend', 'reference'], io);
    await expect.poll(() => stderr.text, { timeout: 20_000 }).toContain('Ctrl-C ends it');
    const [, url] = /The page is at (http:\/\/127\.0\.0\.1:\d+\/)/.exec(stderr.text)!;
    const page = await (await fetch(url)).text();
    const details = /data-details="([^"]*)"/.exec(page)![1];
    expect((await fetch(new URL(`${details}&note=30`, url))).status).toBe(200);
    expect((await fetch(new URL(`${details}&note=31`, url))).status).toBe(400);
    expect(stdout.text).toMatch(/^piece-0\.mid: 30 notes/m);
    interrupt();
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});
