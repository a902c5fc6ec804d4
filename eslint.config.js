import { relative, resolve, dirname } from 'node:path';
import tseslint from 'typescript-eslint';

/**
 * Two rules to remember. Of the application: gateways -> services -> activities -> workflows; of the engine it knows the doors of
 * the package alone. Of the engine: packages/sagaline imports nothing of the application, and what enters Temporal's sandbox is
 * pure.
 */
const forbid = (...patterns) => ['error', { patterns }];
const outward = (ring, rings) => ({
  regex: `(^|/)\\.\\./(?:.*/)?(${rings})/`,
  message: `${ring} must not import from ${rings.replaceAll('|', ', ')}: gateways -> services -> activities -> workflows.`,
});
const doors = {
  regex: '(^|/)packages/|^sagaline/(?!(workflow|http|pipeline|opensearch|dev|testing)$)',
  message: 'The engine has doors: sagaline, sagaline/workflow, sagaline/http, sagaline/pipeline, sagaline/opensearch.',
};
const sandboxed = {
  regex: '^(?!\\.|(@temporalio/workflow|sagaline/workflow|zod)$)',
  message:
    'workflows/ imports only sagaline/workflow, @temporalio/workflow, zod and itself: it may enter the Temporal sandbox.',
};

const PACKAGE = resolve(import.meta.dirname, 'packages/sagaline');
const isWithin = (folder, path) => !relative(folder, path).startsWith('..');
/** The engine is a package: what it imports by a path is in it. */
const engineAlone = {
  create(context) {
    const check = ({ source }) => {
      if (!source?.value.startsWith('.')) return;
      const imported = resolve(dirname(context.filename), source.value);
      if (isWithin(PACKAGE, imported)) return;
      const name = relative(import.meta.dirname, imported);
      context.report({
        node: source,
        message: `The engine imports nothing of the application: ${name} is given by app.ts.`,
      });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
/** What may enter the sandbox knows nothing outside of these two floors of the package. */
const PURE = ['kernel', 'contracts'].map((floor) => resolve(PACKAGE, floor));
const pureFloors = {
  create(context) {
    const check = ({ source }) => {
      if (!source?.value.startsWith('.')) return;
      const imported = resolve(dirname(context.filename), source.value);
      if (PURE.some((floor) => isWithin(floor, imported))) return;
      context.report({
        node: source,
        message: 'kernel/ and contracts/ import only each other: they enter the Temporal sandbox.',
      });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check };
  },
};
const house = { rules: { 'engine-alone': engineAlone, 'pure-floors': pureFloors } };

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/generated',
      '**/.sagaline',
      '**/node_modules',
      'coverage',
      'docs/api',
      'packages/create-sagaline/template',
    ],
  },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // `remote<typeof stock>('stock')`: the type argument is all that a saga knows of a participant.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'packages/sagaline/config/config.ts is the only reader of process.env.',
        },
      ],
      'max-lines': ['error', { max: 260, skipBlankLines: true, skipComments: true }],
    },
  },
  // The package.
  { files: ['packages/sagaline/**/*.ts'], plugins: { house }, rules: { 'house/engine-alone': 'error' } },
  {
    files: ['packages/sagaline/{kernel,contracts}/**/*.ts'],
    rules: {
      'house/pure-floors': 'error',
      '@typescript-eslint/no-restricted-imports': forbid({
        regex: '^(?!\\.|(@temporalio/workflow|zod)$)',
        message: 'kernel/ and contracts/ import only @temporalio/workflow and zod: they enter the Temporal sandbox.',
      }),
    },
  },
  {
    // Sagas declare schemas, for which something stands in within the sandbox; the kernel has nothing to do with them.
    files: ['packages/sagaline/kernel/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        {
          regex: '^(?!\\.|@temporalio/workflow$)',
          message: 'The kernel imports @temporalio/workflow and contracts/.',
        },
        {
          regex: 'contracts/primitives',
          allowTypeImports: true,
          message: 'Nothing parses in the sandbox: the kernel imports types of schemas only.',
        },
      ),
    },
  },
  {
    files: ['packages/sagaline/**/*.ts'],
    ignores: ['packages/sagaline/{kernel,contracts,opensearch}/**', 'packages/sagaline/opensearch.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid({
        regex: '(^|/)opensearch/',
        message:
          'OpenSearch is an add-on, plugged in by an app file: the engine knows pipeline/search/search-index.ts.',
      }),
    },
  },
  // The application.
  {
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        sandboxed,
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox|packages'),
      ),
    },
  },
  {
    // A saga knows its participants by type, and a test asserts that nothing of them reaches the bundle.
    files: ['workflows/*.saga.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        sandboxed,
        outward('workflows/', 'gateways|services|prisma|stack|sandbox|packages'),
        { ...outward('workflows/', 'activities'), allowTypeImports: true },
      ),
    },
  },
  {
    files: ['activities/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        doors,
        outward('activities/', 'gateways|services|stack|sandbox'),
      ),
    },
  },
  {
    files: ['services/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(doors, outward('services/', 'gateways|stack|sandbox')),
    },
  },
  {
    files: [
      'app.ts',
      'gateways/**/*.ts',
      'prisma/**/*.ts',
      'stack/**',
      'sandbox/**',
      'containers/**',
      'tests/support/second-app/**',
    ],
    // Servers of tests and benches look behind the doors; the bootstrap runs before there are packages.
    ignores: ['stack/ephemeral.ts', 'stack/containers/**', 'stack/*.mjs'],
    rules: { '@typescript-eslint/no-restricted-imports': forbid(doors) },
  },
  {
    files: [
      'stack/**',
      'sandbox/**',
      'containers/**',
      '.ci/**',
      'bench/**',
      'tests/**',
      'gateways/*.ts',
      'packages/sagaline/{cli,app,bin,dev,testing}/**',
      '*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.{js,mjs,cjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
