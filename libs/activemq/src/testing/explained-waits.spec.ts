import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it, onTestFinished } from 'vitest';

import { JmsListener } from '../listener/jms-listener.decorator.js';
import { ActiveMqTestingModule } from './activemq-testing.module.js';
import { JmsTestHarness } from './jms-test-harness.js';
import { SILENT } from './testing.fixture.js';

@Injectable()
class Slow {
  release: () => void = () => undefined;

  @JmsListener({ destination: 'slow', id: 'slow' })
  onSlow(): Promise<void> {
    return new Promise((resolve) => (this.release = resolve));
  }

  @JmsListener({ destination: 'manual', id: 'manual', ackMode: 'manual' })
  onManual(): void {}

  @JmsListener({ destination: 'totals', id: 'totals', batch: { size: 3, timeout: 5_000 } })
  onTotals(): void {}
}

async function boot() {
  const testing = ActiveMqTestingModule.forRoot({ timeout: 100, overrides: { logger: SILENT } });
  const app = await Test.createTestingModule({ imports: [testing], providers: [Slow] }).compile();
  await app.init();
  const harness = app.get(JmsTestHarness);
  onTestFinished(async () => {
    app.get(Slow).release();
    await app.close();
    await harness.close();
  });
  return harness;
}

it('says that a handler still runs', async () => {
  await expect((await boot()).publishAndWait('slow', 1)).rejects.toThrow('Seen instead: nothing. Listeners:');
  await expect((await boot()).publishAndWait('slow', 1)).rejects.toThrow('A handler of slow still runs');
});

it('says that a message is not decided about', async () => {
  await expect((await boot()).publishAndWait('manual', 1)).rejects.toThrow(
    "manual has a message that is not settled, and no handler runs: with `ackMode: 'manual'` acknowledge(), recover() or reject() it",
  );
});

it('says that a batch is not complete', async () => {
  await expect((await boot()).publishAndWait('totals', 1, { skipDelays: false })).rejects.toThrow(
    'totals has a message that is not settled: the rest of a batch is waited for: harness.clock.advance(5000)',
  );
});

it('says that the broker keeps it until its time has come', async () => {
  await expect((await boot()).publishAndWait('slow', 1, { deliveryDelay: 60_000 })).rejects.toThrow(
    /1 wait in the broker's scheduler, the first for (6000[01]) ms: harness\.clock\.advance\(\1\)/,
  );
});

it('says that nobody listens there, and which name is near', async () => {
  await expect((await boot()).publishAndWait('slwo', 1)).rejects.toThrow('Nobody listens on queue://slwo, where 1 lie; did you mean slow?');
  await expect((await boot()).publishAndWait('elsewhere', 1)).rejects.toThrow('Nobody listens on queue://elsewhere, where 1 lie');
});
