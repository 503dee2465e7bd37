// What the compiler cannot see: floating promises, forgotten cases, and who may ask the time.
// A later block replaces an earlier one's options of the same rule, so restrictions are spread.
import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const outsideWorld = [
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'Use the Clock you were handed (src/system/clock.ts), or take `now` as an argument.',
  },
  {
    selector: ':matches(NewExpression, CallExpression)[callee.name="Date"][arguments.length=0]',
    message: 'Use the Clock you were handed: new Date(clock.now()).',
  },
  {
    selector: 'MemberExpression[object.name="performance"][property.name="now"]',
    message: 'Use clock.monotonic() of the Clock you were handed.',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Use the Random you were handed (src/system/random.ts).',
  },
  {
    selector: 'MemberExpression[object.name="process"][property.name="env"]',
    message: 'Read the environment in src/main.ts or src/system, and hand in what is needed.',
  },
];

const timers = [
  { name: 'setTimeout', message: 'Use clock.alarm(): a deadline is data.' },
  { name: 'setInterval', message: 'Use clock.alarm(): a deadline is data.' },
  { name: 'fetch', message: 'Use the Transport you were handed (src/system/transport.ts).' },
];

const impure = [
  {
    selector: ':function[async=true]',
    message: 'This folder is pure: take what you need as arguments; whoever calls may wait.',
  },
  {
    selector: 'AwaitExpression',
    message: 'This folder is pure: take what you need as arguments; whoever calls may wait.',
  },
];

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', 'coverage/', 'data/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      // `Record<string, T>` and `{ [key: string]: T }` say the same; neither is worth a diff.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // A plugin's method may be handed on: none of ours reads `this`.
      '@typescript-eslint/unbound-method': 'off',
      // The promise of an interface is kept by functions that have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/system/**', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', ...timers],
      'no-restricted-syntax': ['error', ...outsideWorld],
    },
  },
  {
    files: ['src/{incident,judge,message,calendar,communication}/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...outsideWorld, ...impure],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*'], message: 'This folder is pure: what Node knows is handed in.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/main.ts', '{src/cli,demo,bench,test}/**/*.ts', '*.config.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // A test says `found[0]!.code`: that it is there is what is being tested.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['*.js', '*.mjs', '.*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
);
