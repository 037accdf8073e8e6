import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { ArchiveError } from '../../../src/cli/data/archive-error.ts';
import { unpack } from '../../../src/cli/data/unpack.ts';
import { contents } from '../folder-contents.ts';
import { zipOf, type ZipEntry } from './zip-writer.ts';

const name = fc
  .array(fc.stringMatching(/^[a-z]{1,3}[0-9]$/), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));

const file = fc.record({
  name,
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  method: fc.constantFrom(0, 8),
  mode: fc.constantFrom(0, 0o100644),
});

/** Files of which none has a name that is a folder of another. */
export const someFiles = fc
  .uniqueArray(file, { selector: (entry) => entry.name, minLength: 1, maxLength: 8 })
  .filter((entries) => entries.every((one) => !entries.some((other) => other.name.startsWith(`${one.name}/`))));

/** What is put over the bytes of an archive, and where: a part of its length. */
const change = fc.record({
  at: fc.nat(9999).map((place) => place / 10_000),
  bytes: fc.oneof(
    fc.nat(255).map((byte) => Buffer.from([byte])),
    fc.constantFrom('../', '/..', '/', '\\', '\0', 'C:', '\xff\xff\xff\xff', 'PK\x01\x02').map((text) => Buffer.from(text, 'latin1')), // prettier-ignore
  ),
});

export const someChanges = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  /** The part of the archive that is left. */
  length: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});

/** An archive with changes, by which it may no longer be one. */
export function changed(entries: readonly ZipEntry[], { changes, length }: typeof someChanges extends fc.Arbitrary<infer T> ? T : never): Buffer { // prettier-ignore
  const bytes = zipOf(entries);
  for (const { at, bytes: over } of changes) over.copy(bytes, Math.floor(at * bytes.length));
  return bytes.subarray(0, Math.ceil(length * bytes.length));
}

/**
 * That an archive is unpacked, or refused in a sentence, and that nothing is written but into the folder.
 * @param base a folder for the test alone
 * @returns whether it was unpacked
 */
export async function expectHeld(base: string, archive: Buffer): Promise<boolean> {
  const [path, folder] = [join(base, 'a/b/c/archive.zip'), join(base, 'a/b/c/out')];
  writeFileSync(path, archive);
  const outcome: unknown = await unpack(path, folder, { limits: { bytes: 1e6, entries: 100 } }).catch(
    (error: unknown) => error,
  );
  if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ArchiveError);
  expect(Object.keys(contents(base)).filter((written) => !written.startsWith('a/b/c/'))).toEqual([]);
  expect(readdirSync(join(base, 'a/b/c')).filter((entry) => !['archive.zip', 'out'].includes(entry))).toEqual([]);
  return !(outcome instanceof Error);
}
