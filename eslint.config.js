import tseslint from 'typescript-eslint'

const pureFolders = ['src/core/**/*.ts', 'src/exchange/**/*.ts', 'estimators/**/*.ts', 'strategies/**/*.ts']

/** Globals that would let time, chance or the outside into the deterministic folders. */
const impureGlobals = [
  ['Date', 'time enters as `tsMs` on the input'],
  ['performance', 'time enters as `tsMs` on the input'],
  ['process', 'the environment enters through config'],
  ['setTimeout', 'the runtime sends timer inputs'],
  ['setInterval', 'the runtime sends timer inputs'],
  ['fetch', 'only venues/ talk to the outside'],
].map(([name, message]) => ({ name, message }))

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      'data/**',
      'coverage/**',
      '**/*.mjs',
      '**/*.cjs',
      'eslint.config.js',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: pureFolders,
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'use the seeded generator of core/math' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'no await in the deterministic folders' },
        { selector: "CallExpression[callee.property.name='toLocaleString']", message: 'no locale here' },
        { selector: "CallExpression[callee.property.name='localeCompare']", message: 'no locale here' },
      ],
    },
  },
  {
    // Typed arrays: every read is behind an asserted bound, and an undefined would be a bug of the bound.
    files: [
      'src/core/math/**/*.ts',
      'src/core/book/**/*.ts',
      'src/core/requote/*.ts',
      'src/core/requote.ts',
      'src/exchange/**/*.ts',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
)
