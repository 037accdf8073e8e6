import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const BELOW_THE_PAGES = ['text', 'tensor', 'nn', 'midi', 'music', 'study', 'plot'];

/** The arrows of docs/architecture.md: whom each folder of src may import, beside itself. The command line may import all. */
const ARROWS = {
  text: [],
  tensor: ['text'],
  midi: ['text'],
  // Names of keys are not files: the axis of a piano roll shares them with the rest.
  plot: ['text', 'midi/note-names.ts'],
  nn: ['text', 'tensor'],
  fit: ['text', 'tensor', 'nn'],
  interop: ['text', 'tensor', 'nn'],
  music: ['text', 'tensor', 'nn', 'midi'],
  study: ['text', 'tensor', 'nn', 'midi', 'music'],
  distributed: ['text', 'tensor', 'nn', 'midi', 'music'],
  pages: BELOW_THE_PAGES,
  'pages/kit': ['text', 'midi', 'plot'],
  'pages/studio': BELOW_THE_PAGES,
};

/** What folders may not import of Node: what runs in browsers has none of it, and a network no files. */
const NOT_OF_NODE = {
  text: ['node:*'],
  tensor: ['node:*'],
  plot: ['node:*'],
  nn: ['node:fs', 'node:fs/*', 'node:path'],
  fit: ['node:*'],
  interop: ['node:*'],
  'pages/kit': ['node:*'],
  'pages/studio': ['node:*'],
};

const mayNotImport = (folder, groups) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: groups.map((group) => ({
          group,
          message: `${folder} must not import ${group[0]}; see docs/architecture.md.`,
        })),
      },
    ],
  },
});

const arrows = Object.entries(ARROWS).map(([folder, known]) => {
  const others = [...Object.keys(ARROWS), 'cli', 'bench'].filter((other) => other !== folder && !known.includes(other));
  const but = (other) => known.filter((path) => path.startsWith(`${other}/`)).map((path) => `!**/${path}`);
  const ofNode = (NOT_OF_NODE[folder] ?? []).map((name) => [name]);
  return mayNotImport(`src/${folder}`, [...others.map((other) => [`**/${other}/**`, ...but(other)]), ...ofNode]);
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'runs/',
      'sweeps/',
      'stub-gl/',
      'stub-msgpackr-extract/',
      'coverage/',
      '**/assembly/',
      '**/*.generated.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='buffer'] > CallExpression.object[callee.property.name='slice']",
          message: 'Of a Node Buffer slice() is a view of a buffer that many share: copy with new Uint8Array(bytes).',
        },
      ],
      'max-lines': ['warn', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 80, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  { files: ['test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        module: 'writable',
      },
    },
  },
  ...arrows,
  mayNotImport('bench', [['**/cli/**'], ['**/src/pages/**']]),
);
