import { Injectable } from '@nestjs/common';
import { type Cluster, startCluster } from 'activemq-cluster';
import { JmsListener, JmsMessage, JmsMessagingTemplate } from 'nestjs-activemq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { bootApplication } from '../../support/application.js';

let cluster: Cluster;

@Injectable()
class Everything {
  readonly seen: string[] = [];

  @JmsListener({ destination: 'lying.>', prefetch: 100 })
  onAny({ destination }: JmsMessage): void {
    this.seen.push(destination);
  }
}

@Injectable()
class Composite {
  readonly seen: string[] = [];

  @JmsListener({ destination: 'composite.a,composite.b' })
  onEither({ destination }: JmsMessage): void {
    this.seen.push(destination);
  }
}

beforeAll(async () => {
  cluster = await startCluster({ topology: 'single' });
});

afterAll(async () => {
  await cluster.down();
});

it.each([
  { title: 'a wildcard', listener: Everything, queues: ['lying.a', 'lying.b.c', 'lying.d'] },
  { title: 'a composite destination', listener: Composite, queues: ['composite.a', 'composite.b'] },
])('gets what lay in every queue of $title before it subscribed', async ({ listener, queues }) => {
  const producer = await bootApplication({ brokerUrl: cluster.brokerUrl });
  for (const queue of queues) await producer.get(JmsMessagingTemplate).convertAndSend(queue, 'lies here');
  await producer.close();

  for (let round = 0; round < 5; round++) {
    const app = await bootApplication({ brokerUrl: cluster.brokerUrl }, [listener]);
    const { seen } = app.get<{ seen: string[] }>(listener);
    await vi.waitFor(() => expect([...seen].sort()).toEqual(queues.map((queue) => `queue://${queue}`)), { timeout: 5_000 });
    for (const queue of queues) await app.get(JmsMessagingTemplate).convertAndSend(queue, 'and again');
    await vi.waitFor(() => expect(seen).toHaveLength(queues.length * 2), { timeout: 5_000 });
    await app.close();
    const next = await bootApplication({ brokerUrl: cluster.brokerUrl });
    for (const queue of queues) await next.get(JmsMessagingTemplate).convertAndSend(queue, 'lies here');
    await next.close();
  }
});

it('refuses a wildcard listener whose selector the broker cannot read, and keeps the connection', async () => {
  @Injectable()
  class BadSelector {
    @JmsListener({ id: 'bad', destination: 'refused.>', selector: 'NOFUNCTION(a) = 5' })
    onAny(): void {
      throw new Error('nothing is ever delivered');
    }
  }
  await expect(bootApplication({ brokerUrl: cluster.brokerUrl }, [BadSelector])).rejects.toThrow(/'bad'.*queue:\/\/refused\.>/);
});
