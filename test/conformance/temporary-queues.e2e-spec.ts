import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachBroker('temporary queues', (broker) => {
  it('carries a reply back to the requester, with its correlation-id', async () => {
    const queue = uniqueQueue();
    const [requester, server] = [await broker.client(), await broker.client()];
    const replies = await requester.subscribe('/temp-queue/replies', { ack: 'auto' });
    const requests = await server.subscribe(queue);
    await requester.send(queue, 'ping', { 'reply-to': '/temp-queue/replies', 'correlation-id': 'c1' });
    const request = await requests.next();
    await server.send(request.headers['reply-to']!, 'pong', { 'correlation-id': request.headers['correlation-id'] });
    const reply = await replies.next();
    expect([text(reply), reply.headers['correlation-id'], reply.headers['destination']]).toEqual(['pong', 'c1', '/temp-queue/replies']);
  });

  it('shows the receiver a name that is good on every connection', async () => {
    const queue = uniqueQueue();
    const [requester, server] = [await broker.client(), await broker.client()];
    const requests = await server.subscribe(queue);
    await requester.send(queue, 'ping', { 'reply-to': '/temp-queue/replies' });
    expect((await requests.next()).headers['reply-to']).toMatch(/^\/remote-temp-queue\/ID:/);
  });

  it('keeps a reply that comes before the requester subscribed', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const requests = await client.subscribe(queue);
    await client.send(queue, 'ping', { 'reply-to': '/temp-queue/replies' });
    await client.send((await requests.next()).headers['reply-to']!, 'pong');
    const replies = await client.subscribe('/temp-queue/replies', { ack: 'auto' });
    expect(text(await replies.next())).toBe('pong');
  });

  it('answers a reply to a requester that is gone with ERROR, and keeps the connection', async () => {
    const queue = uniqueQueue();
    const [requester, server] = [await broker.client(), await broker.client()];
    const requests = await server.subscribe(queue);
    await requester.send(queue, 'ping', { 'reply-to': '/temp-queue/replies' });
    const { headers } = await requests.next();
    await requester.session.disconnect();
    await expect(server.send(headers['reply-to']!, 'pong')).rejects.toThrow('temp-queue://ID:');
    await server.send(uniqueQueue(), 'still works');
  });

  it('keeps the temporary queues of two connections apart though they have one name', async () => {
    const queue = uniqueQueue();
    const [a, b, server] = [await broker.client(), await broker.client(), await broker.client()];
    const repliesOfA = await a.subscribe('/temp-queue/replies', { ack: 'auto' });
    const repliesOfB = await b.subscribe('/temp-queue/replies', { ack: 'auto' });
    const requests = await server.subscribe(queue);
    await a.send(queue, 'of a', { 'reply-to': '/temp-queue/replies' });
    await b.send(queue, 'of b', { 'reply-to': '/temp-queue/replies' });
    for (const request of await requests.take(2)) await server.send(request.headers['reply-to']!, text(request));
    expect([await repliesOfA.bodies(1), await repliesOfB.bodies(1)]).toEqual([['of a'], ['of b']]);
  });

  it('knows temporary topics, too', async () => {
    const queue = uniqueQueue();
    const [requester, server] = [await broker.client(), await broker.client()];
    const replies = await requester.subscribe('/temp-topic/replies', { ack: 'auto' });
    const requests = await server.subscribe(queue);
    await requester.send(queue, 'ping', { 'reply-to': '/temp-topic/replies' });
    await server.send((await requests.next()).headers['reply-to']!, 'pong');
    expect(text(await replies.next())).toBe('pong');
  });

  it('passes a reply-to that is an ordinary queue as it is', async () => {
    const [queue, answers] = [uniqueQueue(), `/queue/${unique('answers')}`];
    const client = await broker.client();
    await client.send(queue, 'ping', { 'reply-to': answers });
    const [message] = await client.browse(queue);
    expect(message?.headers['reply-to']).toBe(answers);
  });
});
