import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { importRule } from './eslint.import-rule.js';

const SHAPE = {
  complexity: ['error', 12],
  'max-lines': ['error', 250],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
};

const VOID_EXPRESSIONS = { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true };

const TYPE_AWARE = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/no-confusing-void-expression': ['error', VOID_EXPRESSIONS],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  // What has methods here is mostly made of closures, which have no `this` to lose.
  '@typescript-eslint/unbound-method': 'off',
  // Jobs are classes with static parts only, by contract.
  '@typescript-eslint/no-extraneous-class': 'off',
};

/** Tests give wrong types on purpose, throw what nobody should, and have long `describe` blocks. */
const TESTS = {
  complexity: 'off',
  'max-lines': ['error', 500],
  'max-lines-per-function': 'off',
  '@typescript-eslint/no-explicit-any': 'off',
  '@typescript-eslint/no-non-null-assertion': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
  '@typescript-eslint/no-unused-expressions': 'off',
  '@typescript-eslint/only-throw-error': 'off',
  '@typescript-eslint/prefer-promise-reject-errors': 'off',
  '@typescript-eslint/require-await': 'off',
};

export default defineConfig(
  globalIgnores(['build/', 'dist/', '**/*.sqlite*']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: { ...SHAPE, ...TYPE_AWARE, 'import-x/no-cycle': ['error', { ignoreExternal: true }] },
  },
  // Conditions of a query builder are callbacks that may return the builder, which is thenable.
  {
    files: ['src/program-handler/**/*.ts'],
    rules: {
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
    },
  },
  // A library of jobs holds jobs of any data: only `any` lets each of them in.
  { files: ['src/jobs/job.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['**/*.js', '**/*.cjs', '**/*.mjs'], rules: { 'no-undef': 'off' } },
  importRule,
  { files: ['test/**/*.ts', 'bench/**/*.ts'], rules: TESTS },
);
