import assert from 'node:assert/strict';
import { type Cluster, startCluster } from 'activemq-cluster';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DemoCounts } from '../../../apps/sample/src/demo/demo-protocol.js';
import { type Ended, ScriptRunner } from './script.fixture.js';

const TIMEOUT = 180_000;

function countsOf({ code, out, err }: Ended): DemoCounts {
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  // The complaint first, so that a failure shows it.
  expect(code === 0 ? '' : err).toBe('');
  expect(last).toMatch(
    /^\{"sent":\d+,"confirmed":\d+,"consumed":\d+,"unique":\d+,"duplicates":\d+,"lost":\d+,"deadLettered":\d+,"failovers":\d+,"recoveryMs":\[[\d,]*\]\}$/,
  );
  return JSON.parse(last) as DemoCounts;
}

describe('npm run demo', { timeout: TIMEOUT }, () => {
  let scripts: ScriptRunner;
  beforeEach(async () => {
    scripts = await ScriptRunner.create();
  });
  afterEach(async () => {
    const leftovers = await scripts.leftovers();
    await scripts.dispose();
    assert.deepEqual(leftovers, []);
  });

  const demo = async (...words: string[]) => countsOf(await scripts.run('scripts/demo.ts', [...words, '--json']));

  it('sends and handles the five messages of the tutorials', async () => {
    const { code, out, err } = await scripts.run('scripts/demo.ts');
    expect(code === 0 ? '' : err).toBe('');
    expect(err.match(/cluster-queue-msg-\d+/g)).toEqual([1, 2, 3, 4, 5].map((number) => `cluster-queue-msg-${number}`));
    expect(out).toMatch(/ sent +5 .*\n.* confirmed +5 .*\n.* consumed +5 .*\n.* unique +5 /);
  });

  it.each([{ words: [] }, { words: ['--broker', 'single'] }])('says the same as JSON, with $words', async ({ words }) => {
    expect(await demo(...words)).toEqual({
      sent: 5,
      confirmed: 5,
      consumed: 5,
      unique: 5,
      duplicates: 0,
      lost: 0,
      deadLettered: 0,
      failovers: 0,
      recoveryMs: [],
    });
  });

  it.each(['vm', 'shared-file', 'network-static'])(
    'loses nothing when the master of %s brokers, or the one the demo is at, is killed',
    async (broker) => {
      const counts = await demo('--broker', broker, '--messages', '500', '--kill-master');
      expect(counts).toMatchObject({ sent: 500, confirmed: 500, unique: 500, lost: 0, deadLettered: 0 });
      expect(counts.failovers).toBeGreaterThanOrEqual(1);
      expect(counts.recoveryMs).toHaveLength(counts.failovers);
    },
  );

  it('loses nothing when the consumer is killed', async () => {
    const counts = await demo('--broker', 'single', '--messages', '500', '--kill-consumer');
    expect(counts).toMatchObject({ sent: 500, confirmed: 500, unique: 500, lost: 0, deadLettered: 0, failovers: 0 });
    expect(counts.recoveryMs).toHaveLength(1);
  });

  it('loses nothing when the only broker is killed, started again, and then the consumer is killed', async () => {
    const counts = await demo('--broker', 'single', '--messages', '300', '--rate', '60', '--kill-master', '--kill-consumer');
    expect(counts).toMatchObject({ sent: 300, confirmed: 300, unique: 300, lost: 0 });
    expect(counts.recoveryMs).toHaveLength(2);
  });

  it('keeps to a rate', async () => {
    const started = performance.now();
    expect(await demo('--messages', '30', '--rate', '10')).toMatchObject({ confirmed: 30, lost: 0 });
    expect(performance.now() - started).toBeGreaterThan(2_900);
  });

  it.each([[['--messages', 'many']], [['--what']], [['--broker', 'stomp://127.0.0.1:1', '--kill-master']], [['--kill-consumer']]])(
    'refuses %j with the usage',
    async (words) => {
      const { code, out, err } = await scripts.run('scripts/demo.ts', words);
      expect(code).toBe(2);
      expect(out).toBe('');
      expect(err).toContain('Usage: npm run demo');
    },
  );

  describe('on brokers that run already', () => {
    let cluster: Cluster;
    beforeEach(async () => {
      cluster = await startCluster({ topology: 'single' });
    });
    afterEach(() => cluster.down());

    it('can run several times at once, each on a queue of its own', async () => {
      const runs = await Promise.all([20, 30].map((messages) => demo('--broker', cluster.brokerUrl, '--messages', String(messages))));
      expect(runs).toMatchObject([
        { sent: 20, unique: 20, duplicates: 0, lost: 0 },
        { sent: 30, unique: 30, duplicates: 0, lost: 0 },
      ]);
    });
  });

  it('says what is wrong with a broker URL, and not its password', async () => {
    const { code, err } = await scripts.run('scripts/demo.ts', ['--broker', 'stomp://joe:secret@127.0.0.1:1?colour=red']);
    expect(code).toBe(1);
    expect(err).toContain('colour');
    expect(err).not.toContain('secret');
  });
});
