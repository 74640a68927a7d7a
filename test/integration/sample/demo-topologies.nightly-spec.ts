import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DemoCounts } from '../../../apps/sample/src/demo/demo-protocol.js';
import { ScriptRunner } from './script.fixture.js';

describe('npm run demo', { timeout: 300_000 }, () => {
  let scripts: ScriptRunner;
  beforeEach(async () => {
    scripts = await ScriptRunner.create();
  });
  afterEach(() => scripts.dispose());

  it.each(['jdbc', 'network-static', 'network-multicast', 'combined', 'replicated-leveldb'])(
    'loses nothing on %s when a broker and then the consumer are killed',
    async (topology) => {
      const line = `--broker ${topology} --messages 2000 --kill-master --kill-consumer --json`;
      const { code, out, err } = await scripts.run('scripts/demo.ts', line.split(' '));
      expect(code === 0 ? '' : err).toBe('');
      const counts = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as DemoCounts;
      expect(counts).toMatchObject({ sent: 2_000, confirmed: 2_000, unique: 2_000, lost: 0, deadLettered: 0 });
      expect(await scripts.leftovers()).toEqual([]);
    },
  );
});
