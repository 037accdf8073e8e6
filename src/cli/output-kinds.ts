import { extname } from 'node:path';
import { UsageError } from '../errors.ts';
import { FORMATS } from '../interop/formats.ts';
import { text, type OptionSpec } from './options.ts';

/** What a command writes: its endings, its name, and whether a terminal can show it. */
interface OutputKind {
  readonly words: string;
  readonly endings: readonly string[];
  readonly binary?: boolean;
}

export const KINDS = {
  midi: { words: 'MIDI', endings: ['.mid', '.midi', '.smf'], binary: true },
  wav: { words: 'WAV sound', endings: ['.wav', '.wave'], binary: true },
  svg: { words: 'an SVG picture', endings: ['.svg'] },
  json: { words: 'JSON', endings: ['.json'] },
  model: { words: 'a model', endings: Object.values(FORMATS).flatMap(({ endings }) => endings), binary: true },
  checkpoint: { words: 'a model of Etude', endings: ['.safetensors'], binary: true },
  page: { words: 'a page or JSON', endings: ['.html', '.htm', '.json'] },
} as const satisfies Record<string, OutputKind>;

/** Endings by which a file says that it holds something that none of our commands writes. */
const FOREIGN = ['.mp3', '.ogg', '.flac', '.m4a', '.aac', '.png', '.jpg', '.jpeg', '.gif', '.pdf', '.musicxml', '.xml', '.csv', '.txt', '.pt', '.pth']; // prettier-ignore

/** What an output option writes, and which options of its command write what else. */
interface OutputSpec {
  readonly kind: keyof typeof KINDS;
  readonly help: string;
  readonly short?: string;
  /** How another kind is had: `{ wav: '--wav FILE' }`. */
  readonly instead?: Partial<Record<keyof typeof KINDS, string>>;
}

/** The path of a file to write; `-` stands for stdout. @throws UsageError when the path's ending says another kind of file */
export function output({ kind, help, short, instead = {} }: OutputSpec): OptionSpec<string | undefined> {
  const { parse, ...spec } = text({ value: 'file', short, help: `${help}; - is stdout` });
  return {
    ...spec,
    parse: (given) => {
      checkEnding(given, kind, instead);
      return parse!(given);
    },
  };
}

/** Where the result goes: `--out`, `-o`. */
export function outFile(
  kind: keyof typeof KINDS,
  help: string,
  instead?: OutputSpec['instead'],
): OptionSpec<string | undefined> {
  return output({ kind, help, short: 'o', instead });
}

function checkEnding(path: string, kind: keyof typeof KINDS, instead: NonNullable<OutputSpec['instead']>): void {
  const ending = extname(path).toLowerCase();
  const { words, endings }: OutputKind = KINDS[kind];
  if (endings.includes(ending)) return;
  const other = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((key) =>
    (KINDS[key].endings as readonly string[]).includes(ending),
  );
  if (other === undefined && !FOREIGN.includes(ending)) return;
  const way = other === undefined ? undefined : instead[other];
  throw new UsageError(
    `This writes ${words}: expected a name that ends in ${endings.join(' or ')}, or - for stdout.${way ? ` For ${KINDS[other!].words}: ${way}.` : ''}`,
  );
}
