import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueTopic } from './support/names.js';

const NAMED = { 'activemq.subscriptionName': 'sub' };

describeOnEachBroker('durable subscriptions', (broker) => {
  it('keeps messages while the subscriber is away', async () => {
    const topic = uniqueTopic();
    const clientId = unique('client');
    const first = await broker.client({ clientId });
    await first.subscribe(topic, NAMED);
    await first.session.disconnect();
    const publisher = await broker.client();
    await publisher.sendAll(topic, ['m1', 'm2']);
    const second = await broker.client({ clientId });
    const subscription = await second.subscribe(topic, NAMED);
    expect(await subscription.bodies(2)).toEqual(['m1', 'm2']);
  });

  it('keeps non-persistent messages while the subscriber is away as well', async () => {
    const topic = uniqueTopic();
    const clientId = unique('client');
    const first = await broker.client({ clientId });
    await first.subscribe(topic, NAMED);
    await first.session.disconnect();
    const publisher = await broker.client();
    await publisher.send(topic, 'm1', { persistent: 'false' });
    const second = await broker.client({ clientId });
    const subscription = await second.subscribe(topic, NAMED);
    expect(await subscription.bodies(1)).toEqual(['m1']);
  });

  it('keeps the subscription on a plain UNSUBSCRIBE', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const first = await client.subscribe(topic, NAMED);
    await first.unsubscribe();
    await client.send(topic, 'm1');
    const second = await client.subscribe(topic, NAMED);
    expect(await second.bodies(1)).toEqual(['m1']);
  });

  it('forgets the subscription in two steps: UNSUBSCRIBE, then UNSUBSCRIBE with its name', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const first = await client.subscribe(topic, NAMED);
    await first.unsubscribe();
    await first.unsubscribe(NAMED);
    await client.send(topic, 'm1');
    const second = await client.subscribe(topic, NAMED);
    expect(await second.stray()).toEqual([]);
  });

  it('refuses to forget the subscription in one step', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const subscription = await client.subscribe(topic, NAMED);
    await expect(subscription.unsubscribe(NAMED)).rejects.toThrow('Durable consumer is in use');
  });

  it('redelivers to the subscriber what it has not acknowledged', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const first = await client.subscribe(topic, NAMED);
    await client.sendAll(topic, ['m1', 'm2']);
    const [message] = await first.take(2);
    await client.ack(message!);
    await first.unsubscribe();
    const second = await client.subscribe(topic, NAMED);
    expect(await second.bodies(1)).toEqual(['m2']);
    expect(await second.stray()).toEqual([]);
  });

  it('refuses a second connection of one client-id and closes it; the first goes on', async () => {
    const clientId = unique('client');
    const first = await broker.client({ clientId });
    await expect(broker.client({ clientId })).rejects.toThrow('already connected from');
    await first.send(uniqueTopic(), 'still works');
  });

  it('frees a client-id on DISCONNECT', async () => {
    const clientId = unique('client');
    const first = await broker.client({ clientId });
    await first.session.disconnect();
    const second = await broker.client({ clientId });
    expect(second.session.isOpen).toBe(true);
  });

  it('keeps several subscriptions of one client apart by their names', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const a = await client.subscribe(topic, { 'activemq.subscriptionName': 'a' });
    const b = await client.subscribe(topic, { 'activemq.subscriptionName': 'b' });
    await client.send(topic, 'm1');
    expect([await a.bodies(1), await b.bodies(1)]).toEqual([['m1'], ['m1']]);
  });

  it('applies the selector to what is kept', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const named = { ...NAMED, selector: `color = 'red'` };
    const first = await client.subscribe(topic, named);
    await first.unsubscribe();
    await client.send(topic, 'blue', { color: 'blue' });
    await client.send(topic, 'red', { color: 'red' });
    const second = await client.subscribe(topic, named);
    expect(await second.bodies(1)).toEqual(['red']);
    expect(await second.stray()).toEqual([]);
  });

  it('forgets what it kept when the subscriber comes back with another selector', async () => {
    const topic = uniqueTopic();
    const client = await broker.client({ clientId: unique('client') });
    const first = await client.subscribe(topic, { ...NAMED, selector: `color = 'red'` });
    await first.unsubscribe();
    await client.send(topic, 'old', { color: 'red', size: '9' });
    const second = await client.subscribe(topic, { ...NAMED, selector: `size = '9'` });
    await client.send(topic, 'new', { size: '9' });
    expect(await second.bodies(1)).toEqual(['new']);
  });
});
