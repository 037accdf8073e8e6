import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { headName } from '../../../src/music/head-words.ts';
import { studyPage, studyPolicy } from '../../../src/pages/study/study-page.ts';
import { dequantise } from '../../../src/study/byte-matrix.ts';
import { countedFromOne } from '../../../src/study/counting.ts';
import type { StudyData } from '../../../src/study/study-data.ts';
import { syntheticStudy } from '../../support/study-data.ts';

const small = countedFromOne(syntheticStudy({ notes: 60, units: 8 }));

function embedded(html: string): StudyData {
  const [, text] = /<script type="application\/octet-stream" id="study"[^>]*>([^<]*)<\/script>/.exec(html)!;
  return JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()) as StudyData;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

test('the page holds the whole study', () => {
  const back = embedded(studyPage(small));
  expect(back).toEqual(JSON.parse(JSON.stringify(small)));
  expect(dequantise(back.layers[0].heat.h!)).toEqual(dequantise(small.layers[0].heat.h!));
});

test('a thousand notes and 128 units stay under 3 MB', () => {
  expect(Buffer.byteLength(studyPage(syntheticStudy()))).toBeLessThan(3_000_000);
});

test('the same study makes the same bytes', () => {
  expect(studyPage(small)).toBe(studyPage(small));
});

test('the policy allows the one script and the one style by their hashes, and nothing from elsewhere', () => {
  const html = studyPage(small);
  const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)!;
  const [, style] = /<style>([^]*?)<\/style>/.exec(html)!;
  const [, script] = /<script>([^]*?)<\/script>\n<\/body>/.exec(html)!;
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`script-src 'sha256-${hashOf(script)}'`);
  expect(policy).toContain(`style-src 'sha256-${hashOf(style)}'`);
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html).not.toMatch(/\s(style|on\w+)="/);
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/(src|href)="(?!#)/);
});

test('a page that is served may ask its own server, and nobody else; a page in a file asks nobody', () => {
  const served = studyPage(small, { path: '/details.json', study: 'abcd' });
  const policyOf = (html: string): string => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
  expect(policyOf(served)).toBe(studyPolicy(true));
  expect(
    policyOf(served)
      .split('; ')
      .filter((part) => part.startsWith('connect-src')),
  ).toEqual(["connect-src 'self'"]);
  expect(served).toContain('data-details="/details.json?study=abcd"');
  expect(policyOf(studyPage(small))).toBe(studyPolicy(false));
  expect(studyPage(small)).not.toMatch(/data-details|connect-src/);
  expect(embedded(served)).toEqual(embedded(studyPage(small)));
});

test('a page in a file says at its head which notes it tells one by one; a served page has others too', () => {
  const part = countedFromOne(syntheticStudy({ notes: 60, units: 8, detail: { from: 10, to: 40 } }));
  expect(studyPage(part)).toContain('note by note: 11 to 40');
  expect(studyPage(part, { path: '/details.json', study: 'abcd' })).not.toContain('note by note:');
});

test('names that look like markup stay text', () => {
  const evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)>';
  const html = studyPage({
    ...small,
    song: { ...small.song, name: evil, instrument: evil },
    model: { ...small.model, path: evil, preset: evil },
    findings: [{ ...small.findings[0], text: evil }],
    leftOut: [{ what: evil, why: evil }],
  });
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html).not.toContain('<img');
  expect(embedded(html).song.name).toBe(evil);
});

test('the findings stand at the top, five of them, with links to units, notes and places', () => {
  const html = studyPage(small);
  const [first] = html.split('<details class="more">');
  expect(first.match(/<li>/g)).toHaveLength(5);
  expect(first).toContain('href="#note-58"');
  expect(first).toContain('href="#spans"');
  for (const [, id] of html.matchAll(/href="#([a-z][a-z-]*)"/g)) expect(html).toContain(`id="${id}"`);
});

test('the heads of a chain say what they were told, and the note has the sum of their losses', () => {
  const nats = small.heads.map((head, k) => ({
    ...head,
    unit: 'nats' as const,
    kind: 'categorical' as const,
    loss: 1 + k,
    baseline: 3 + k,
    reads: small.heads.slice(0, k).map(({ name }) => name),
  }));
  const html = studyPage({ ...small, heads: nats });
  const [first, second] = nats;
  expect(html).toContain(`${headName(second.name)} given the ${headName(first.name)};`);
  const sums = [nats.length * (nats.length + 1) / 2, nats.length * (nats.length + 5) / 2]; // prettier-ignore
  const [, row] = /<tr><t[hd][^>]*>the note<(.*?)<\/tr>/.exec(html)!;
  expect([...row.matchAll(/>([\d.]+)</g)].map(([, text]) => Number(text))).toEqual(sums);
  expect(studyPage(small)).not.toMatch(/>the note</);
});

test('what a study does not have is said in a sentence', () => {
  const bare: StudyData = {
    ...small,
    ablation: undefined,
    matches: undefined,
    comparison: undefined,
    layers: [],
    findings: [],
    leftOut: [{ what: 'ablation of 8 units', why: 'it was switched off' }],
  };
  const html = studyPage(bare);
  expect(html).toContain('Left out: ablation of 8 units, because it was switched off.');
  expect(html).toContain('This study has none.');
  expect(html).not.toContain('id="matches"');
  expect(html).not.toContain('id="findings"');
});
