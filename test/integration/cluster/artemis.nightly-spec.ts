import { afterEach, describe, expect, it } from 'vitest';
import { type Cluster, probeStomp, startCluster } from '../../../libs/cluster/src/index.js';
import { RawClient } from '../framework/raw-client.fixture.js';
import { receiveFrom, sendTo, takeAndDie } from './stomp.fixture.js';

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.down();
  cluster = undefined;
});

describe('ActiveMQ Artemis, as docs/artemis.md says', () => {
  it('keeps what it confirmed, delivers it once more after a lost consumer, and later when told so', async () => {
    const artemis = await startCluster({ topology: 'single', product: 'artemis', startTimeout: 120_000 });
    cluster = artemis;
    const { stomp } = artemis.node('broker1').ports;
    await expect(probeStomp(stomp)).resolves.toMatchObject({ server: expect.stringMatching(/^ActiveMQ-Artemis\/2\./) as string });
    await sendTo(stomp, 'orders', 'first');
    await takeAndDie(stomp, 'orders');
    await artemis.kill('broker1');
    await artemis.start('broker1');
    expect(await receiveFrom(stomp, 'orders')).toBe('first');

    const client = await RawClient.connect(stomp);
    const since = performance.now();
    await client.send('later', 'in a second', { AMQ_SCHEDULED_DELAY: '1000' });
    expect(await receiveFrom(stomp, 'later')).toBe('in a second');
    expect(performance.now() - since).toBeGreaterThan(900);
    await client.close();
  });

  it('drops a message that is refused: neither delivered again nor a dead letter', async () => {
    const artemis = await startCluster({ topology: 'single', product: 'artemis', startTimeout: 120_000 });
    cluster = artemis;
    const { stomp } = artemis.node('broker1').ports;
    const client = await RawClient.connect(stomp);
    await client.send('orders', 'refused');
    const taken = await client.take('orders');
    await expect.poll(() => taken.frames.length).toBe(1);
    await client.nack(taken.frames[0]?.headers['ack'] ?? '');
    await client.close();
    // What comes now is the first message there is.
    await sendTo(stomp, 'orders', 'behind it');
    await sendTo(stomp, 'DLQ', 'behind no dead letter');
    expect(await receiveFrom(stomp, 'orders')).toBe('behind it');
    expect(await receiveFrom(stomp, 'DLQ')).toBe('behind no dead letter');
  });
});
