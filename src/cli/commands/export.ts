import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { FORMATS, type Format, type FormatName } from '../../interop/formats.ts';
import { modelToExport } from '../../interop/index.ts';
import { etudeVersion } from '../../package-folder.ts';
import { formatTable } from '../../text/table.ts';
import type { ActionOf } from '../command.ts';
import type { exportModel as words } from '../export-table.ts';
import { formatBytes } from '../files.ts';
import { besideStdout, checkOutput, outputName, STDOUT, writeOutput } from '../output.ts';
import { readCheckpoint } from '../run-folder.ts';

/** `etude export`: a model in a format of other programs. */
export const exportModel: ActionOf<typeof words> = async ({ args: [path], options: { to, out, force }, terminal }) => {
  if (to === undefined || out === undefined) {
    throw new UsageError(
      `export: give the format, --to ${Object.keys(FORMATS).join('|')}, and the file to write, --out FILE.`,
    );
  }
  checkEnding(out, to);
  const format: Format = FORMATS[to];
  const beside = besideOf(out, format);
  for (const file of [...beside, out]) checkOutput(file, { force, binary: true }, terminal);
  const model = modelToExport(readCheckpoint(path));
  const extra = { ...model.extra };
  // The digests of the files that it learned from are for resuming and fine-tuning, and tell nobody else anything.
  if (!format.comesBack) Reflect.deleteProperty(extra, 'data');
  const write = await format.load();
  const written = write({ ...model, extra, etude: etudeVersion() }, basename(out));
  const { bytes, parts } = written;
  const others = beside.map((file, k) => ({ out: file, bytes: written.beside![k] }));
  // First those that the last one names, which is then never there without them.
  for (const file of [...others, { out, bytes }]) writeOutput(file.out, file.bytes, { force }, terminal);
  const sizes = others.map((file) => ({ out: file.out, bytes: file.bytes.length }));
  if (terminal.json) {
    terminal.printJson({ model: path, format: to, out, bytes: bytes.length, ...(sizes.length > 0 && { beside: sizes }), parts }); // prettier-ignore
    return;
  }
  const said = besideStdout([out], terminal);
  const columns = ['', 'Name', 'Type', 'Shape', 'What it is'].map((title) => ({ title }));
  const rows = parts.map(({ role, name, type, shape, help }) => [role, name, type, `[${shape.join(', ')}]`, help]);
  said.print(formatTable(columns, rows, said.colors.bold));
  said.say(`${outputName(out)}: ${FORMATS[to].title}, ${formatBytes(bytes.length)}.`);
  for (const file of sizes) said.say(`${outputName(file.out)}: its weights, ${formatBytes(file.bytes)}.`);
};

/** @throws UsageError where several files would go to stdout */
function besideOf(out: string, { title, beside, endings }: Format): string[] {
  if (!beside) return [];
  if (out === STDOUT) throw new UsageError(`export: ${title} has two files, and stdout is one. Name the first: --out FOLDER/model${endings[0]}.`); // prettier-ignore
  return beside(basename(out)).map((name) => join(dirname(out), name));
}

/** @throws UsageError when the path's ending says another format */
function checkEnding(path: string, to: FormatName): void {
  const ending = extname(path).toLowerCase();
  const other = Object.values<Format>(FORMATS).find((format) => format !== FORMATS[to] && format.endings.includes(ending)); // prettier-ignore
  if (other) throw new UsageError(`export: ${path} is the name of ${other.title}; --to ${to} writes ${FORMATS[to].endings.join(' or ')}.`); // prettier-ignore
}
