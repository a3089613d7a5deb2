import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Imports point one way (docs/decisions.md): each folder of the core names the folders that it may
 * import, always as `#core/<folder>/…`; within a folder imports are relative.
 */
const layers = {
  runtime: [],
  git: ['runtime'],
  efs: ['runtime'],
  vault: ['runtime'],
  sources: ['runtime', 'git', 'vault'],
  backup: ['runtime', 'git', 'vault', 'sources'],
  recovery: ['runtime', 'git', 'vault'],
  run: ['runtime', 'git', 'vault', 'sources', 'backup', 'recovery'],
};

const importDirection = Object.entries(layers).map(([folder, allowed]) => ({
  files: [`layers/core/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^#core/(?!(?:${[...allowed, '$none'].join('|')})/)`,
            message: `${folder} may import ${allowed.length ? allowed.join(', ') : 'no other folder'} of the core and nothing above.`,
          },
          { regex: '/(functions|scripts|test)/', message: 'The core imports nothing that stands on it.' },
          {
            regex: ['sources', 'backup', 'recovery'].includes(folder) ? '^\\.\\./\\.\\./' : '^\\.\\./',
            message: 'Import another folder as #core/<folder>/….',
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'vault/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['layers/**/*.ts', 'functions/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Only the command line ends the process.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', performance: 'readonly' },
    },
  },
  ...importDirection,
);
