import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import tseslint from 'typescript-eslint';

/** One rule to remember: gateways -> services -> activities -> workflows. Nothing imports gateways; workflows/ is pure. */
const forbid = (...patterns) => ['error', { patterns }];
const pure = {
  regex: '^(?!\\.|(@temporalio/workflow|zod)$)',
  message:
    'workflows/ imports only @temporalio/workflow, zod and itself: everything here may enter the Temporal sandbox.',
};
const noApplication = {
  regex: '(\\.saga\\.ts$|/workflows/events(/[a-z-]+)?\\.ts$|^\\.\\.?/events/)',
  message:
    'The engine knows no event and no saga of the application: take the event, the saga or the catalogue as a value.',
};
const outward = (ring, rings) => ({
  regex: `(^|/)\\.\\./(?:.*/)?(${rings})/`,
  message: `${ring} must not import from ${rings.replaceAll('|', ', ')}: gateways -> services -> activities -> workflows.`,
});

/** Which files are the application's: see tests/unit/house/imports.test.ts. */
const { application } = JSON.parse(
  readFileSync(new URL('./tests/unit/house/application.json', import.meta.url), 'utf8'),
);
const isApplication = (file) => application.some((pattern) => new RegExp(pattern).test(file));
const engineAlone = {
  create(context) {
    const file = relative(import.meta.dirname, context.filename);
    if (isApplication(file)) return {};
    const check = ({ source }) => {
      if (!source?.value.startsWith('.')) return;
      const imported = relative(import.meta.dirname, resolve(dirname(context.filename), source.value));
      if (!isApplication(imported)) return;
      context.report({
        node: source,
        message: `The engine imports nothing of the application: ${imported} is given to it by app.ts.`,
      });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

export default tseslint.config(
  { ignores: ['dist', 'prisma/generated', 'prisma/engine/generated', '.sagaline', 'node_modules', 'coverage'] },
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
        { object: 'process', property: 'env', message: 'gateways/config.ts is the only reader of process.env.' },
      ],
      'max-lines': ['error', { max: 260, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['workflows/**/*.ts', 'activities/**/*.ts', 'gateways/**/*.ts', 'prisma/**/*.ts'],
    plugins: { house: { rules: { 'engine-alone': engineAlone } } },
    rules: { 'house/engine-alone': 'error' },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        pure,
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox'),
      ),
    },
  },
  {
    // A saga knows its participants by type, and a test asserts that nothing of them reaches the bundle.
    files: ['workflows/*.saga.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        pure,
        outward('workflows/', 'gateways|services|prisma|stack|sandbox'),
        { ...outward('workflows/', 'activities'), allowTypeImports: true },
      ),
    },
  },
  {
    // Sagas declare schemas, for which something stands in within the sandbox; the kernel has nothing to do with them.
    files: ['workflows/{kernel,contracts}/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        pure,
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox'),
        noApplication,
      ),
    },
  },
  {
    files: ['workflows/kernel/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        { ...pure, regex: '^(?!\\.|@temporalio/workflow$)' },
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox'),
        noApplication,
        {
          regex: 'contracts/primitives',
          allowTypeImports: true,
          message: 'Nothing parses in the sandbox: the kernel imports types of schemas only.',
        },
      ),
    },
  },
  {
    files: ['activities/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(outward('activities/', 'gateways|services|stack|sandbox')),
    },
  },
  {
    // What of these rings is the engine's: all but the reference application's participants.
    files: ['activities/**/*.ts'],
    ignores: ['activities/{payment,notification,analytics,profile}/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        outward('activities/', 'gateways|services|stack|sandbox'),
        noApplication,
      ),
    },
  },
  {
    // All but the reference application's routes and views.
    files: ['gateways/**/*.ts'],
    ignores: [
      'gateways/http/routes/{orders,users}.ts',
      'gateways/pipeline/{behaviour,logs,statistics}/**',
      'gateways/pipeline/search/documents/{order,user,log}.ts',
    ],
    rules: { '@typescript-eslint/no-restricted-imports': forbid(noApplication) },
  },
  {
    files: ['services/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': forbid(outward('services/', 'gateways|stack|sandbox')) },
  },
  {
    files: ['gateways/**/*.ts'],
    ignores: ['gateways/pipeline/search/opensearch/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid({
        regex: '(^|/)opensearch/',
        message: 'OpenSearch is an add-on, plugged in by app.ts: the engine knows search/search-index.ts.',
      }),
    },
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
      'gateways/cli/**',
      'gateways/app/**',
      '*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.{js,mjs,cjs}'], extends: [tseslint.configs.disableTypeChecked] },
);
