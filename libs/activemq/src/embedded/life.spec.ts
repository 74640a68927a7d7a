import net from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { EmbeddedBroker } from './embedded-broker.js';
import { startBroker, StompClient } from './stomp-client.fixture.js';

describe('the life of an embedded broker', () => {
  let broker: EmbeddedBroker;
  afterEach(() => broker.stop());

  it('says loudly that nothing is persistent', async () => {
    const lines: string[] = [];
    broker = await new EmbeddedBroker({ name: 'test', log: (line) => lines.push(line) }).start();
    expect(lines).toEqual([expect.stringMatching(/^\[test\] EMBEDDED BROKER, NOTHING IS PERSISTENT/)]);
  });

  it('listens on a port of this computer when asked', async () => {
    broker = await startBroker();
    const { host, port } = await broker.listen();
    expect(host).toBe('127.0.0.1');
    const client = new StompClient(net.connect({ host, port }));
    client.write('CONNECT', { 'accept-version': '1.2' });
    await client.next(({ command }) => command === 'CONNECTED');
    await client.send('/queue/q', 'x');
    expect(broker.queue('q').depth).toBe(1);
  });

  it('answers what came before the client closed its side', async () => {
    broker = await startBroker();
    const client = new StompClient(net.connect({ ...(await broker.listen()), allowHalfOpen: true }));
    client.raw('CONNECT\naccept-version:1.2\n\n\0SEND\ndestination:/queue/q\nreceipt:1\n\nx\0');
    client.socket.end();
    expect((await client.next(({ command }) => command === 'RECEIPT')).headers['receipt-id']).toBe('1');
    await client.closed;
  });

  it('says which port it cannot open', async () => {
    broker = await startBroker();
    const { port } = await broker.listen();
    await expect(broker.listen({ port })).rejects.toMatchObject({
      code: 'ERR_AMQ_CONNECT',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  it('kill: every connection ends, the port closes; start: persistent messages and the port are back', async () => {
    broker = await startBroker();
    const { host, port } = await broker.listen();
    const client = await StompClient.connect(broker);
    await client.send('/queue/q', 'kept');
    await client.send('/queue/q', 'lost', { persistent: 'false' });
    broker.kill();
    await client.closed;
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => net.connect({ host, port }).on('error', resolve));
    expect(refused.code).toBe('ECONNREFUSED');
    await broker.start();
    expect(
      broker
        .queue('q')
        .browse()
        .map(({ text }) => text),
    ).toEqual(['kept']);
    const again = new StompClient(net.connect({ host, port }));
    again.write('CONNECT', { 'accept-version': '1.2' });
    await again.next(({ command }) => command === 'CONNECTED');
  });

  it('persistJMSRedelivered: the flag outlives the death of the broker', async () => {
    broker = await startBroker({ destinationPolicy: [{ queue: 'flagged', persistJMSRedelivered: true }] });
    const client = await StompClient.connect(broker);
    await client.send('/queue/flagged', 'x');
    await client.subscribe('1', '/queue/flagged');
    await client.message();
    broker.kill();
    await broker.start();
    const next = await StompClient.connect(broker);
    await next.subscribe('1', '/queue/flagged', { selector: 'JMSXDeliveryCount >= 2' });
    expect((await next.message()).headers['redelivered']).toBe('true');
  });

  it('refuses to be used before it runs', async () => {
    broker = new EmbeddedBroker({ log: () => undefined });
    expect(() => broker.queue('q')).toThrow('call start() first');
    await expect(broker.listen()).rejects.toMatchObject({ code: 'ERR_AMQ_ILLEGAL_STATE' });
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => broker.connect().on('error', resolve));
    expect(refused.code).toBe('ECONNREFUSED');
  });

  it('two brokers share nothing', async () => {
    broker = await startBroker();
    const other = await startBroker();
    const client = await StompClient.connect(broker);
    await client.send('/queue/q', 'x');
    expect(other.queue('q').depth).toBe(0);
    await other.stop();
  });

  it('beats, and closes a client that does not', async () => {
    broker = await startBroker();
    const client = new StompClient(broker.connect());
    let beats = 0;
    client.socket.on('data', (chunk: Buffer) => {
      if (chunk.toString() === '\n') beats++;
    });
    client.raw('CONNECT\naccept-version:1.2\nheart-beat:40,10\n\n\0');
    const { headers } = await client.next(({ command }) => command === 'CONNECTED');
    expect(headers['heart-beat']).toBe('10,40');
    await client.closed;
    expect(beats).toBeGreaterThan(2);
  });

  it('answers statistics queries', async () => {
    broker = await startBroker();
    const client = await StompClient.connect(broker);
    await client.send('/queue/st.a', 'x');
    await client.send('/queue/st.b', 'x');
    await client.subscribe('1', '/temp-queue/st', { ack: 'auto', transformation: 'jms-map-json' });
    const ask = (name: string, headers = {}) =>
      client.send(`/queue/ActiveMQ.Statistics.${name}`, '', { 'reply-to': '/temp-queue/st', ...headers });
    await ask('Destination.st.>', { 'ActiveMQ.Statistics.Destination.List.End.With.Null': 'true', 'correlation-id': 'c' });
    const [a, b, end] = await client.bodies(3);
    expect([a, b].map((body) => JSON.parse(body ?? '') as unknown)).toEqual(
      ['st.a', 'st.b'].map((name) => ({
        map: {
          entry: expect.arrayContaining([{ string: ['destinationName', `queue://${name}`] }, { string: 'size', long: 1 }]) as unknown,
        },
      })),
    );
    expect(end).toBe('{"map":""}');
    await ask('Broker');
    const reply = await client.message();
    expect(reply.headers).toMatchObject({ type: 'Advisory', transformation: 'jms-map-json' });
    expect(JSON.parse(reply.body.toString())).toEqual({
      map: { entry: expect.arrayContaining([{ string: ['brokerName', 'embedded'] }, { string: 'size', long: 2 }]) as unknown },
    });
  });
});
