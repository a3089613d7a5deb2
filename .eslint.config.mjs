import path from 'node:path';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Imports point one way (docs/decisions.md): each folder of the core names the folders that it may import, always as
 * `#core/<folder>/…`; within a folder imports are relative.
 */
const layers = {
  runtime: [],
  git: ['runtime'],
  vault: ['runtime'],
  sources: ['runtime', 'git', 'vault'],
  repositories: ['runtime', 'git', 'vault', 'sources'],
  packages: ['runtime', 'vault', 'sources'],
  records: ['runtime', 'vault', 'sources'],
  lfs: ['runtime', 'git', 'vault', 'sources'],
  filesystems: ['runtime', 'vault'],
  notifications: ['runtime', 'vault', 'sources'],
  run: ['runtime', 'git', 'vault', 'sources', 'repositories', 'packages', 'records', 'lfs', 'notifications'],
};

const importDirection = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const core = path.join(import.meta.dirname, 'layers', 'core');
    const folderOf = (file) => path.relative(core, file).split(path.sep)[0];
    const own = folderOf(context.filename);
    const check = (node) => {
      const text = node.source?.value;
      if (typeof text !== 'string' || !/^(\.|#core\/)/.test(text)) return;
      const target = folderOf(
        text.startsWith('#')
          ? path.join(core, text.slice('#core/'.length))
          : path.resolve(context.filename, '..', text),
      );
      const report = (message) => context.report({ node: node.source, message });
      if (target === '..') report('The core imports nothing that stands on it.');
      else if (target === own && text.startsWith('#'))
        report('Within a folder of the core, import by a relative path.');
      else if (target !== own && text.startsWith('.')) report('Import another folder of the core as #core/<folder>/….');
      else if (target !== own && !layers[own]?.includes(target))
        report(`${own} may import ${layers[own]?.join(', ') || 'no other folder'} of the core, and not ${target}.`);
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'vault/**', '.venv/**'] },
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
    files: ['layers/**/*.ts', 'functions/**/*.ts', 'scripts/cli/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "NewExpression[callee.name=/^(?!Http)\\w+Client$/]:not(:has(> CallExpression[callee.name='awsConfig']))",
          message: 'Give each client of AWS an awsConfig(…), which knows proxies and waits for nothing for ever.',
        },
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
  {
    files: ['layers/core/**/*.ts'],
    plugins: { holdfast: { rules: { 'import-direction': importDirection } } },
    rules: { 'holdfast/import-direction': 'error' },
  },
);
