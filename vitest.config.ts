import { defineConfig } from 'vitest/config';

const root = new URL('.', import.meta.url).pathname;
const alias = [
  { find: /^nestjs-activemq$/, replacement: `${root}libs/activemq/src/index.ts` },
  { find: /^nestjs-activemq\/(.+)$/, replacement: `${root}libs/activemq/src/$1/index.ts` },
  { find: /^activemq-cluster$/, replacement: `${root}libs/cluster/src/index.ts` },
];

/** Two slow cores are the reference machine: real brokers get time, two files run at once, and one project after the other. */
const onRealParts = (groupOrder: number) => ({
  testTimeout: 60_000,
  hookTimeout: 120_000,
  teardownTimeout: 30_000,
  maxWorkers: 2,
  sequence: { groupOrder },
});

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
      exclude: ['**/*.spec.ts', '**/*.fixture.ts', '**/index.ts', 'apps/sample/src/public/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      {
        resolve: { alias },
        test: { name: 'unit', include: ['libs/*/src/**/*.spec.ts', 'apps/*/src/**/*.spec.ts', 'scripts/**/*.spec.ts'] },
      },
      {
        resolve: { alias },
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.e2e-spec.ts'],
          globalSetup: ['test/conformance/support/global-setup.ts'],
          // Its modules hold no state that a file could leave to the next: loading them once saves half of the run.
          isolate: false,
          ...onRealParts(1),
        },
      },
      { resolve: { alias }, test: { name: 'integration', include: ['test/integration/**/*.e2e-spec.ts'], ...onRealParts(2) } },
      { resolve: { alias }, test: { name: 'chaos', include: ['test/chaos/**/*.e2e-spec.ts'], ...onRealParts(3), testTimeout: 120_000 } },
      { resolve: { alias }, test: { name: 'browser', include: ['test/browser/**/*.e2e-spec.ts'], ...onRealParts(4) } },
    ],
  },
});
