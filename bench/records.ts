/** How a result file is made: the Node that runs it, and the arguments; DATA stands for the corpus. */
export interface Recording {
  /** The file's name without its ending, a key of `Results`. */
  name: string;
  /** What it belongs to: what can be recorded at once. */
  part: Part;
  node: '20' | '24' | '26';
  argv: readonly string[];
}

export const PARTS = [
  'train',
  'large',
  'generate',
  'kernels',
  'load',
  'epoch',
  'scaling',
  'memory',
  'startup',
  'peers',
] as const;
export type Part = (typeof PARTS)[number];

/** The Nodes that Etude is measured on: the oldest that it runs on, and those whose V8 joins pairs. */
const NODES = ['20', '24', '26'] as const;
const LARGE = ['--hidden-size', '512', '--seq-length', '100', '--layers', '2'];

/** Node 20, on which all results were made before there were others, has no suffix. */
function nameOn(name: string, node: Recording['node']): string {
  return node === '20' ? name : `${name}-node${node}`;
}

function made(part: Part, name: string, node: Recording['node'], ...argv: string[]): Recording {
  return { name: nameOn(name, node), part, node, argv };
}

function onEach(part: Part, name: string, ...argv: string[]): Recording[] {
  return NODES.map((node) => made(part, name, node, ...argv));
}

const PEERS = ['--nodes', '24,20,26'];

/** All result files that the documentation is made of, in the order in which they are recorded. */
export const RECORDS: readonly Recording[] = [
  ...onEach('train', 'train-1', 'bench', 'train', '--threads', '1', '--seconds', '10'),
  ...onEach('train', 'train-2', 'bench', 'train', '--threads', '2', '--seconds', '10'),
  made('train', 'train-plain-1', '24', 'bench', 'train', '--threads', '1', '--backend', 'simd-plain', '--seconds', '5'),
  made(
    'train',
    'train-reference',
    '24',
    'bench',
    'train',
    '--threads',
    '1',
    '--backend',
    'reference',
    '--seconds',
    '5',
  ),
  made('large', 'train-large-1', '24', 'bench', 'train', '--threads', '1', ...LARGE, '--seconds', '20'),
  made('large', 'train-large-2', '24', 'bench', 'train', '--threads', '2', ...LARGE, '--seconds', '20'),
  ...onEach('generate', 'generate', 'bench', 'generate', '--seconds', '2'),
  made('generate', 'generate-reference', '24', 'bench', 'generate', '--backend', 'reference', '--seconds', '1'),
  made('generate', 'generate-large', '24', 'bench', 'generate', ...LARGE, '--seconds', '1'),
  made(
    'kernels',
    'kernels',
    '24',
    'bench',
    'kernels',
    '--seconds',
    '0.25',
    '--svg',
    'docs/images/roofline.svg',
    '--force',
  ),
  made('kernels', 'kernels', '20', 'bench', 'kernels', '--backend', 'simd', '--seconds', '0.25'),
  made('load', 'load', '24', 'bench', 'load', 'DATA', '--rounds', '5'),
  made('load', 'load', '20', 'bench', 'load', 'DATA', '--rounds', '3'),
  made('epoch', 'epoch-1', '24', 'bench', 'epoch', 'DATA', '--threads', '1'),
  made('epoch', 'epoch-2', '24', 'bench', 'epoch', 'DATA', '--threads', '2'),
  made('scaling', 'scaling', '24', 'bench', 'scaling', '--seconds', '1.5'),
  made('memory', 'memory', '24', 'bench', 'memory', 'DATA'),
  ...onEach('startup', 'startup', 'startup'),
  made('peers', 'peers', '20', 'peers', 'train', ...PEERS, '--rounds', '11', '--seconds', '0.6'),
  made('peers', 'peers-notes', '20', 'peers', 'stateful', 'window', ...PEERS, '--rounds', '7', '--seconds', '0.4'),
  made('peers', 'peers-large', '20', 'peers', 'large', ...PEERS, '--rounds', '4', '--seconds', '3'),
];

/** A record with counts so small that it only shows that its command runs. */
export function shortened({ argv, ...record }: Recording): Recording {
  const small: Readonly<Record<string, string>> = { '--seconds': '0.05', '--rounds': '1' };
  const cut = argv.map((word, index) => small[argv[index - 1] ?? ''] ?? word).filter((word) => word !== 'docs/images/roofline.svg' && word !== '--svg'); // prettier-ignore
  const steps = ['memory', 'epoch'].includes(argv[1]) ? ['--steps', '40'] : [];
  return { ...record, argv: [...cut.filter((word) => word !== '--force'), ...steps] };
}
