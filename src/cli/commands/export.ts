import { extname } from 'node:path';
import { UsageError } from '../../errors.ts';
import { FORMATS, type Format, type FormatName } from '../../interop/formats.ts';
import { modelToExport } from '../../interop/index.ts';
import { etudeVersion } from '../../package-folder.ts';
import { formatTable } from '../../text/table.ts';
import type { ActionOf } from '../command.ts';
import type { exportModel as words } from '../export-table.ts';
import { formatBytes } from '../files.ts';
import { besideStdout, checkOutput, outputName, writeOutput } from '../output.ts';
import { readCheckpoint } from '../run-folder.ts';

/** `etude export`: a model in a format of other programs. */
export const exportModel: ActionOf<typeof words> = async ({ args: [path], options: { to, out, force }, terminal }) => {
  if (to === undefined || out === undefined) {
    throw new UsageError(
      `export: give the format, --to ${Object.keys(FORMATS).join('|')}, and the file to write, --out FILE.`,
    );
  }
  checkEnding(out, to);
  checkOutput(out, { force, binary: true }, terminal);
  const model = modelToExport(readCheckpoint(path));
  const format: Format = FORMATS[to];
  const extra = { ...model.extra };
  // The digests of the files that it learned from are for resuming and fine-tuning, and tell nobody else anything.
  if (!format.comesBack) Reflect.deleteProperty(extra, 'data');
  const write = await format.load();
  const { bytes, parts } = write({ ...model, extra, etude: etudeVersion() });
  writeOutput(out, bytes, { force }, terminal);
  if (terminal.json) {
    terminal.printJson({ model: path, format: to, out, bytes: bytes.length, parts });
    return;
  }
  const said = besideStdout([out], terminal);
  const columns = ['', 'Name', 'Type', 'Shape', 'What it is'].map((title) => ({ title }));
  const rows = parts.map(({ role, name, type, shape, help }) => [role, name, type, `[${shape.join(', ')}]`, help]);
  said.print(formatTable(columns, rows, said.colors.bold));
  said.say(`${outputName(out)}: ${FORMATS[to].title}, ${formatBytes(bytes.length)}.`);
};

/** @throws UsageError when the path's ending says another format */
function checkEnding(path: string, to: FormatName): void {
  const ending = extname(path).toLowerCase();
  const other = Object.values<Format>(FORMATS).find((format) => format !== FORMATS[to] && format.endings.includes(ending)); // prettier-ignore
  if (other) throw new UsageError(`export: ${path} is the name of ${other.title}; --to ${to} writes ${FORMATS[to].endings.join(' or ')}.`); // prettier-ignore
}
