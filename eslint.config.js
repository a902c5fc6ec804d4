import tseslint from 'typescript-eslint';

/** One rule to remember: gateways -> services -> activities -> workflows. Nothing imports gateways; workflows/ is pure. */
const forbid = (...patterns) => ['error', { patterns }];
const pure = {
  regex: '^(?!\\.|@temporalio/workflow$)',
  message: 'workflows/ imports only @temporalio/workflow and itself: everything here may enter the Temporal sandbox.',
};
const outward = (ring, rings) => ({
  regex: `(^|/)\\.\\./(?:.*/)?(${rings})/`,
  message: `${ring} must not import from ${rings.replaceAll('|', ', ')}: gateways -> services -> activities -> workflows.`,
});

export default tseslint.config(
  { ignores: ['dist', 'prisma/generated', '.sagaline', 'node_modules', 'coverage'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // `remoteParticipant<StockActivities>('stock')`: the type argument is the interface that a workflow owns.
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
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        pure,
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox'),
        {
          regex: 'contracts/(events|primitives)',
          allowTypeImports: true,
          message: 'Schemas (zod) stay out of the sandbox: import types only.',
        },
      ),
    },
  },
  {
    // The schemas live here; sagas import them by type only, and a test asserts that no zod reaches the bundle.
    files: ['workflows/contracts/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': forbid(
        { ...pure, regex: '^(?!\\.|@temporalio/workflow$|zod$)' },
        outward('workflows/', 'gateways|services|activities|prisma|stack|sandbox'),
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
    files: ['services/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': forbid(outward('services/', 'gateways|stack|sandbox')) },
  },
  {
    files: [
      'stack/**',
      'sandbox/**',
      'containers/**',
      'bench/**',
      'tests/**',
      'gateways/*.ts',
      'gateways/cli/**',
      '*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
