import { expect, it } from 'vitest';
import { expected } from './support/differences.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';

describeOnEachBroker('errors', (broker) => {
  it.each([
    ['SEND without a destination', ['SEND'], /destination/i],
    ['SUBSCRIBE without a destination', ['SUBSCRIBE', 'id:1'], /destination/i],
    ['SUBSCRIBE without an id', ['SUBSCRIBE', 'destination:/queue/errors'], /id/i],
    ['UNSUBSCRIBE of a subscription nobody made', ['UNSUBSCRIBE', 'id:nobody'], /No subscription matched/],
    ['ACK of a delivery nobody got', ['ACK', 'id:nobody'], /Unexpected ACK/],
    ['NACK of a delivery nobody got', ['NACK', 'id:nobody'], /Unexpected NACK/],
    ['a bad selector', ['SUBSCRIBE', 'id:1', 'destination:/queue/errors', 'selector:a = = b'], /./],
    ['an unknown amq-msg-type', ['SEND', 'destination:/queue/errors', 'amq-msg-type:picture'], /./],
    ['COMMIT without a transaction', ['COMMIT'], /transaction/i],
  ])('answers %s with an ERROR that carries the receipt-id, and keeps the connection', async (_, head, message) => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write([...head, 'receipt:r1']);
    const error = await client.frames.next();
    expect(error.command).toBe('ERROR');
    expect(error.headers['receipt-id']).toBe('r1');
    expect(error.headers['message']).toMatch(message);
    expect(await client.fate()).toBe('open');
  });

  it('writes no correlation of any kind on the ERROR of a frame without a receipt', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', 'own:x'], 'm');
    const error = await client.frames.next();
    expect(error.command).toBe('ERROR');
    expect(Object.keys(error.headers).filter((name) => !['message', 'content-type', 'content-length'].includes(name))).toEqual([]);
  });

  it('writes a Java stack trace into the body of an ERROR', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['ACK', 'id:nobody']);
    expect((await client.frames.next()).body.toString()).toMatch(/^\S*ProtocolException: Unexpected ACK received/);
  });

  it('answers a second CONNECT with ERROR, and closes or not, by version', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    expect((await client.connect('accept-version:1.2')).command).toBe('ERROR');
    expect(await client.fate()).toBe(expected('secondConnect', broker));
  });

  it('answers an unknown command with ERROR and closes the connection', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['FLY', 'receipt:r1']);
    expect((await client.frames.next()).command).toBe('ERROR');
    await client.closed;
  });

  it.each([
    ['an empty destination', ['SEND', 'destination:/queue/']],
    ['a priority that is no number', ['SEND', 'destination:/queue/errors', 'priority:abc']],
    ['an expiry that is no number', ['SEND', 'destination:/queue/errors', 'expires:abc']],
    ['a delay that is no number', ['SEND', 'destination:/queue/errors', 'AMQ_SCHEDULED_DELAY:abc']],
    ['a negative delay', ['SEND', 'destination:/queue/errors', 'AMQ_SCHEDULED_DELAY:-5']],
    ['a bad CRON entry', ['SEND', 'destination:/queue/errors', 'AMQ_SCHEDULED_CRON:every day']],
  ])('closes the connection without any ERROR frame for %s', async (_, head) => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write([...head, 'receipt:r1'], 'm');
    await client.closed;
    expect(client.frames.peek()).toEqual([]);
  });

  it.each([
    ['no prefix', 'bare'],
    ['an unknown prefix', '/basket'],
  ])('takes a destination with %s for the name of a queue', async (_, prefix) => {
    const name = prefix === 'bare' ? unique() : `/basket/${unique()}`;
    const client = await broker.client();
    await client.send(name, 'm1');
    expect(await client.bodiesOn(`/queue/${name}`)).toEqual(['m1']);
  });

  it('confirms an unknown ack mode, and dispatches as with auto', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1');
    const subscription = await client.subscribe(queue, { ack: 'sometimes' });
    expect(Object.keys((await subscription.next()).headers)).not.toContain('ack');
  });

  it('confirms an unknown activemq header', async () => {
    const client = await broker.client();
    const subscription = await client.subscribe(uniqueQueue(), { 'activemq.unknown': 'x' });
    await client.send(subscription.destination, 'm1');
    expect(await subscription.bodies(1)).toEqual(['m1']);
  });

  it('takes a header line without a colon', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', `destination:${uniqueQueue()}`, 'no colon here', 'receipt:r1'], 'm');
    expect((await client.frames.next()).headers['receipt-id']).toBe('r1');
  });

  it('accepts the same subscription id on two destinations, and delivers both under it', async () => {
    const [a, b] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    const subscription = await client.subscribe(a, { id: 'same', ack: 'auto' });
    await client.session.request('SUBSCRIBE', { id: 'same', destination: b, ack: 'auto' });
    await client.send(a, 'a');
    await client.send(b, 'b');
    expect((await subscription.bodies(2)).sort()).toEqual(['a', 'b']);
  });
});

describeOnEachBroker('header limits', (broker) => {
  it('takes a header line of 10 000 bytes', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.send(queue, 'm1', { long: 'x'.repeat(10_000) });
    const [message] = await client.browse(queue);
    expect(message?.headers['long']).toHaveLength(10_000);
  });

  it('answers a header line above 10 KiB with ERROR and closes the connection', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', 'destination:/queue/errors', `long:${'x'.repeat(11_000)}`], 'm');
    expect((await client.frames.next()).headers['message']).toBe('The maximum header length was exceeded');
    await client.closed;
  });

  it('answers more than 1000 headers with ERROR and closes the connection', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2');
    client.write(['SEND', 'destination:/queue/errors', ...Array.from({ length: 1_002 }, (_, index) => `h${index}:x`)], 'm');
    expect((await client.frames.next()).headers['message']).toBe('The maximum number of headers was exceeded');
    await client.closed;
  });
});
