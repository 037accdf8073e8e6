import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { etudeVersion, songbookFolder } from '../src/package-folder.ts';

const root = resolve(import.meta.dirname, '..');

it('finds the version and the songbook of the package that it is in', () => {
  const { version } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { version: string };
  expect(etudeVersion()).toBe(version);
  expect(songbookFolder()).toBe(resolve(root, 'data/songbook'));
  expect(readdirSync(songbookFolder()).filter((name) => name.endsWith('.mid')).length).toBeGreaterThanOrEqual(12);
});
