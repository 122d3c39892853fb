/** Node 24 runs the sources as they are; swc only turns them into what jest loads. */
export default {
  testEnvironment: './test/support/environment.js',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          target: 'es2024',
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testMatch: ['<rootDir>/{test,runbooks}/**/*.test.ts'],
  // Copies that are made for mutation testing.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  moduleNameMapper: {
    '^@aws/cloudformation-validate$': '<rootDir>/test/support/template-validator.cjs',
    '^esbuild$': '<rootDir>/test/support/esbuild.js',
  },
  testTimeout: 30_000,
  maxWorkers: '100%',
  testSequencer: './check/sequencer.js',
}
