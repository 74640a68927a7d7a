import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';
import { text, type TestClient } from './support/test-client.js';

const DLQ = '/queue/ActiveMQ.DLQ';

const past = () => ({ expires: String(Date.now() - 1_000) });
const soon = (ms: number) => ({ expires: String(Date.now() + ms) });

/** The dead letter with this mark, once it is there. */
async function deadLetter(client: TestClient, mark: string, queue = DLQ) {
  const subscription = await client.subscribe(queue, { selector: `mark = '${mark}'` });
  return subscription.next();
}

describeOnEachBroker('expiry', (broker) => {
  it('moves an expired message to the dead letter queue by itself, in the period of the policy', async () => {
    const [queue, mark] = [uniqueQueue('soon'), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'm1', { ...soon(50), mark });
    const dead = await deadLetter(client, mark);
    expect([text(dead), dead.headers['original-destination']]).toEqual(['m1', queue]);
    expect(await client.bodiesOn(queue)).toEqual([]);
  });

  it('writes on the dead letter that it expired and when, which a NACK does not', async () => {
    const [queue, mark] = [uniqueQueue('soon'), unique('mark')];
    const client = await broker.client();
    const headers = { ...soon(50), mark };
    await client.send(queue, 'm1', headers);
    const dead = await deadLetter(client, mark);
    expect(dead.headers['dlqDeliveryFailureCause']).toMatch(/^java\.lang\.Throwable: Message Expired\. Expiration:/);
    expect(dead.headers).toMatchObject({ originalExpiration: headers.expires, expires: '0' });
  });

  it('lets a producer write the header original-destination: what it says is not the broker who says it', async () => {
    const [queue, mark] = [uniqueQueue('soon'), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'm1', { ...soon(50), mark, 'original-destination': '/queue/forged' });
    const dead = await deadLetter(client, mark);
    expect(dead.headers['original-destination']).toBe('/queue/forged');
  });

  it('does not deliver an expired message to a consumer that arrives, whatever the period is', async () => {
    const [queue, mark] = [uniqueQueue(), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'late', { ...past(), mark });
    await client.send(queue, 'good');
    const subscription = await client.subscribe(queue);
    expect(await subscription.bodies(1)).toEqual(['good']);
    expect(await subscription.stray()).toEqual([]);
    expect(text(await deadLetter(client, mark))).toBe('late');
  });

  it('drops an expired non-persistent message', async () => {
    const [queue, mark] = [uniqueQueue(), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'late', { ...past(), mark, persistent: 'false' });
    const subscription = await client.subscribe(queue);
    expect(await subscription.stray()).toEqual([]);
    await client.send(queue, 'good');
    expect(await subscription.bodies(1)).toEqual(['good']);
    expect(await client.bodiesOn(DLQ, `mark = '${mark}'`)).toEqual([]);
  });

  it('drops an expired message without a word where the policy says processExpired=false', async () => {
    const [queue, mark] = [uniqueQueue('unexpired'), unique('mark')];
    const client = await broker.client();
    await client.send(queue, 'late', { ...past(), mark });
    const subscription = await client.subscribe(queue);
    expect(await subscription.stray()).toEqual([]);
    expect(await client.bodiesOn(queue)).toEqual([]);
    expect(await client.bodiesOn(DLQ, `mark = '${mark}'`)).toEqual([]);
  });

  it('takes the ACK of a message that expired while it was in flight', async () => {
    const [queue, mark] = [uniqueQueue(), unique('mark')];
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const expires = Date.now() + 150;
    await client.send(queue, 'm1', { expires: String(expires), mark });
    const message = await subscription.next();
    while (Date.now() <= expires) await client.fence();
    await client.ack(message);
    expect([await client.bodiesOn(queue), await client.bodiesOn(DLQ, `mark = '${mark}'`)]).toEqual([[], []]);
  });

  it('moves a message that expired while it was in flight to the dead letter queue when its consumer leaves', async () => {
    const [queue, mark] = [uniqueQueue('soon'), unique('mark')];
    const client = await broker.client();
    const subscription = await client.subscribe(queue);
    const expires = Date.now() + 150;
    await client.send(queue, 'm1', { expires: String(expires), mark });
    await subscription.next();
    while (Date.now() <= expires) await client.fence();
    await subscription.unsubscribe();
    expect(text(await deadLetter(client, mark))).toBe('m1');
  });

  it('writes the absolute time of its expiry on a message, and 0 on one that lives for ever', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const headers = soon(3_600_000);
    await client.send(queue, 'mortal', headers);
    await client.send(queue, 'immortal');
    const messages = await client.browse(queue);
    expect(messages.map((message) => message.headers['expires'])).toEqual([headers.expires, '0']);
  });

  it('gives dead letters a life of their own where the strategy has an expiration, and lets them go', async () => {
    const queue = uniqueQueue('mortal');
    const dlq = queue.replace('/queue/', '/queue/DLQ.');
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue);
    await client.nack(await subscription.next());
    const [dead] = await client.browse(dlq);
    expect(Number(dead?.headers['expires'])).toBeGreaterThan(Date.now() - 500);
    while ((await client.browse(dlq)).length > 0) await client.fence();
    expect(await client.bodiesOn(DLQ, `original = '${queue}'`)).toEqual([]);
  });
});
