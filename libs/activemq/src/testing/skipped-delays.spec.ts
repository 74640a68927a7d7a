import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { JmsListener } from '../listener/jms-listener.decorator.js';
import { ActiveMqTestingModule } from './activemq-testing.module.js';
import { JmsTestHarness } from './jms-test-harness.js';
import { bootBench, SILENT } from './testing.fixture.js';

@Injectable()
class Totals {
  readonly batches: unknown[][] = [];

  @JmsListener({ destination: 'totals', id: 'totals', batch: { size: 3, timeout: 5_000 } })
  onTotals(totals: number[]): void {
    this.batches.push(totals);
  }
}

async function bootTotals() {
  const testing = ActiveMqTestingModule.forRoot({ overrides: { logger: SILENT } });
  const app = await Test.createTestingModule({ imports: [testing], providers: [Totals] }).compile();
  await app.init();
  const harness = app.get(JmsTestHarness);
  onTestFinished(async () => {
    await app.close();
    await harness.close();
  });
  return { harness, totals: app.get(Totals) };
}

describe('publishAndWait to a batch listener', () => {
  it('does not wait for the rest of a batch', async () => {
    const { harness, totals } = await bootTotals();
    expect(await harness.publishAndWait('totals', 1)).toMatchObject({ kind: 'acknowledged' });
    expect(await harness.publishAndWait('totals', 2)).toMatchObject({ kind: 'acknowledged' });
    expect(totals.batches).toEqual([[1], [2]]);
  });

  it('ends a batch that others have begun', async () => {
    const { harness, totals } = await bootTotals();
    await harness.publish('totals', 1);
    await harness.publishAndWait('totals', 2);
    expect(totals.batches).toEqual([[1, 2]]);
  });

  it('leaves time alone with skipDelays: false', async () => {
    const { harness, totals } = await bootTotals();
    const ended = harness.publishAndWait('totals', 1, { skipDelays: false });
    await harness.publish('totals', 2);
    await harness.publish('totals', 3);
    expect(await ended).toMatchObject({ kind: 'acknowledged' });
    expect(totals.batches).toEqual([[1, 2, 3]]);
  });
});

describe('publishAndWait to a listener whose redeliveries the broker brings', () => {
  it('skips the delays in the scheduler', async () => {
    const bench = await bootBench({ overrides: { redelivery: { mode: 'scheduled', initialRedeliveryDelay: 60_000 } } });
    onTestFinished(() => bench.close());
    const { harness } = bench;
    const before = harness.clock.now();
    expect(await harness.publishAndWait('orders', { id: 1, failures: 2 })).toMatchObject({ kind: 'acknowledged', attempts: 3 });
    expect(harness.clock.now() - before).toBeLessThan(130_000);
  });

  it('skips those of the redelivery plugin', async () => {
    const bench = await bootBench({
      broker: { redeliveryPlugin: [{ queue: 'orders', maximumRedeliveries: 3, initialRedeliveryDelay: 60_000 }] },
      overrides: { redelivery: { mode: 'broker' } },
    });
    onTestFinished(() => bench.close());
    const { harness } = bench;
    expect(await harness.publishAndWait('orders', { id: 1, failures: 2 })).toMatchObject({ kind: 'acknowledged' });
  });
});
