import { defineConfig } from 'vitest/config';

const root = new URL('../../../', import.meta.url).pathname;

/** What takes long, or needs more than a Debian package: `npm run nightly`. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^nestjs-activemq$/, replacement: `${root}libs/activemq/src/index.ts` },
      { find: /^nestjs-activemq\/(.+)$/, replacement: `${root}libs/activemq/src/$1/index.ts` },
      { find: /^activemq-cluster$/, replacement: `${root}libs/cluster/src/index.ts` },
    ],
  },
  test: { include: ['test/integration/**/*.nightly-spec.ts'], testTimeout: 300_000, hookTimeout: 120_000, maxWorkers: 1 },
});
