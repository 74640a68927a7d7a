import { defineConfig } from 'vitest/config';

/** What takes long, or needs more than a Debian package: `npx vitest run --config test/integration/cluster/nightly.config.ts`. */
export default defineConfig({
  test: { include: ['test/integration/cluster/*.nightly-spec.ts'], testTimeout: 300_000, hookTimeout: 120_000, maxWorkers: 1 },
});
