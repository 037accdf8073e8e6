import { UsageError } from '../../errors.ts';
import { FORMATS } from '../../interop/formats.ts';
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
  checkOutput(out, { force, binary: true }, terminal);
  const model = modelToExport(readCheckpoint(path));
  // The digests of the files that it learned from are for resuming, and tell nobody else anything.
  const extra = { ...model.extra };
  Reflect.deleteProperty(extra, 'data');
  const write = await FORMATS[to].load();
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
