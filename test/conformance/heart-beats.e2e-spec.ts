import { expect, it } from 'vitest';
import { expected } from './support/differences.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

describeOnEachBroker('heart-beats', (broker) => {
  it.each([
    ['500,0', '0,500'],
    ['0,700', '700,0'],
    ['10,10', '10,10'],
    ['4000,9000', '9000,4000'],
    ['0,0', '0,0'],
  ])('takes the wish %s as it is: the answer is %s', async (wish, answer) => {
    const client = await broker.raw();
    const { headers } = await client.connect('accept-version:1.2', `heart-beat:${wish}`);
    expect(headers['heart-beat']).toBe(answer);
  });

  it('closes a client that promised to beat and is silent, without an ERROR frame, in a time that depends on the version', async () => {
    const client = await broker.raw();
    const before = performance.now();
    await client.connect('accept-version:1.2', 'heart-beat:500,0');
    await client.closed;
    const silence = performance.now() - before;
    expect(silence).toBeGreaterThan(500);
    expect(silence).toBeLessThan(expected('silentClientClosed', broker));
    expect(client.frames.peek()).toEqual([]);
  });

  it('keeps a client that beats, and writes beats as it was asked to', async () => {
    const client = await broker.open({ heartBeat: { outgoing: 300, incoming: 300 } });
    const silent = await broker.raw();
    await silent.connect('accept-version:1.2', 'heart-beat:300,0');
    await silent.closed;
    expect(client.isOpen).toBe(true);
    await client.request('SEND', { destination: uniqueQueue() });
  });

  it('writes beats to a client that wants them', async () => {
    const client = await broker.raw();
    await client.connect('accept-version:1.2', 'heart-beat:0,200');
    const connectedAt = client.readAt.length;
    await client.read(connectedAt + 3);
    const beats = client.readAt.slice(connectedAt - 1);
    for (let i = 1; i < beats.length; i++) expect(beats[i]! - beats[i - 1]!).toBeLessThan(200 * 5);
  });

  it('gives the messages of a client that fell silent to others', async () => {
    const queue = uniqueQueue();
    const observer = await broker.client();
    await observer.send(queue, 'm1');
    const silent = await broker.raw();
    await silent.connect('accept-version:1.2', 'heart-beat:400,0');
    silent.write(['SUBSCRIBE', 'id:1', `destination:${queue}`, 'ack:client']);
    expect((await silent.frames.next()).command).toBe('MESSAGE');
    const subscription = await observer.subscribe(queue);
    const message = await subscription.next(expected('silentClientClosed', broker) + 5_000);
    expect(message.headers['redelivered']).toBe('true');
  });

  it('refuses a malformed heart-beat header with ERROR and closes', async () => {
    const client = await broker.raw();
    const answer = await client.connect('accept-version:1.2', 'heart-beat:often');
    expect(answer.command).toBe('ERROR');
    await client.closed;
  });
});
