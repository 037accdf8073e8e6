import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The arrows of docs/architecture.md: who may import whom. */
const mayNotImport = (folder, patterns) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: patterns.map((pattern) => ({
          group: [pattern].flat(),
          message: `${folder} must not import ${pattern}; see docs/architecture.md.`,
        })),
      },
    ],
  },
});

export default tseslint.config(
  {
    ignores: ['dist/', 'node_modules/', 'runs/', 'stub-gl/', 'coverage/', '**/assembly/', '**/*.generated.ts'],
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
  mayNotImport('src/text', [
    '**/tensor/**',
    '**/nn/**',
    '**/midi/**',
    '**/music/**',
    '**/plot/**',
    '**/studio/**',
    '**/cli/**',
    'node:*',
  ]),
  mayNotImport('bench', ['**/cli/**']),
  mayNotImport('src/tensor', ['**/nn/**', '**/midi/**', '**/music/**', '**/cli/**', '**/plot/**', 'node:*']),
  mayNotImport('src/nn', ['**/midi/**', '**/music/**', '**/cli/**', '**/plot/**', 'node:fs', 'node:fs/*', 'node:path']),
  mayNotImport('src/midi', ['**/tensor/**', '**/nn/**', '**/music/**', '**/cli/**', '**/plot/**']),
  // Names of keys are not files: the axis of a piano roll shares them with the rest.
  mayNotImport('src/plot', [
    '**/tensor/**',
    '**/nn/**',
    ['**/midi/**', '!**/midi/note-names.ts'],
    '**/music/**',
    '**/cli/**',
    'node:*',
  ]),
  mayNotImport('src/music', ['**/cli/**', '**/plot/**', '**/studio/**']),
  mayNotImport('src/studio', ['**/cli/**', 'node:*']),
);
