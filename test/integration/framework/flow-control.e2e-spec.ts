import { Injectable } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListener, JmsMessagingTemplate, type SendError } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../../support/application.js';

/** More than the send window holds, and each large enough for a handful to fill the queue. */
const BURST = 400;
const FILLER = 'x'.repeat(10_000);
let cluster: Cluster;

@Injectable()
class Forwarder {
  handled = 0;

  constructor(private readonly jms: JmsMessagingTemplate) {}

  @JmsListener({ destination: 'small.in', concurrency: 4 })
  async onMessage(text: string): Promise<void> {
    await this.jms.convertAndSend('roomy.out', text.length);
    this.handled++;
  }
}

beforeAll(async () => {
  const policy =
    '<policyEntry queue="small.&gt;" memoryLimit="64kb" producerFlowControl="true"><pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy></policyEntry>';
  cluster = await startCluster({ topology: 'single', broker: { policyEntries: [policy] } });
});

afterAll(async () => {
  await cluster.down();
});

it('a full queue holds up no send to another one: its own consumer can forward what it takes out', async () => {
  const app = await bootApplication({ brokerUrl: cluster.brokerUrl }, [Forwarder]);
  const jms = app.get(JmsMessagingTemplate);
  await Promise.all(Array.from({ length: BURST }, () => jms.convertAndSend('small.in', FILLER)));
  await vi.waitFor(() => expect(app.get(Forwarder).handled).toBe(BURST), { timeout: 20_000 });
  await app.close();
});

it('without a consumer sends to the full queue fail with an unknown outcome, and others go on', async () => {
  const app = await bootApplication({ brokerUrl: cluster.brokerUrl });
  const jms = app.get(JmsMessagingTemplate);
  const toFull = Promise.allSettled(Array.from({ length: BURST }, () => jms.convertAndSend('small.full', FILLER, { sendTimeout: 3_000 })));
  for (let n = 0; n < 20; n++) await jms.convertAndSend('roomy.out', n, { sendTimeout: 3_000 });
  const failed = (await toFull).flatMap((result) => (result.status === 'rejected' ? [(result.reason as SendError).outcome] : []));
  expect(failed).toContain('unknown');
  expect(failed.length).toBeGreaterThan(BURST / 2);
  await app.close();
});
