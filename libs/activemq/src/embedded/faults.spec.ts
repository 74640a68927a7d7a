import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('a broker told to fail', () => {
  let broker: EmbeddedBroker;
  let client: StompClient;

  beforeEach(async () => {
    broker = await startBroker();
    client = await StompClient.connect(broker);
  });
  afterEach(() => broker.stop());

  it('loses receipts of commands that it has done', async () => {
    broker.faults.loseReceipts();
    client.write('SEND', { destination: '/queue/q', receipt: 'lost' }, 'x');
    await client.send('/queue/q', 'y');
    expect(client.frames).toEqual([]);
    expect(broker.queue('q').depth).toBe(2);
  });

  it('refuses connections, and keeps those it has', async () => {
    broker.faults.refuseConnections = true;
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => broker.connect().on('error', resolve));
    expect(refused.code).toBe('ECONNREFUSED');
    expect((await client.send('/queue/q', 'x')).command).toBe('RECEIPT');
    broker.faults.clear();
    await StompClient.connect(broker);
  });

  it('is slow', async () => {
    broker.faults.latency = 30;
    const before = performance.now();
    await client.send('/queue/q', 'x');
    expect(performance.now() - before).toBeGreaterThan(25);
  });
});
