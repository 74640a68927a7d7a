import 'reflect-metadata';
import { ConfigurationError, ConnectionClosedError, ConnectError, BrokerError, MessageConversionError } from 'nestjs-activemq';
import { expect, it, vi } from 'vitest';

import { describeOnBoth } from './receiving.fixture.js';

describeOnBoth('receive', (bench) => {
  it('takes one message, acknowledged, and leaves the rest', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    await jms.convertAndSend(queue, { id: 1 }, { headers: { region: 'EU' } });
    await jms.convertAndSend(queue, { id: 2 });
    const message = await jms.receive(queue);
    expect(message).toMatchObject({ payload: { id: 1 }, redelivered: false, destination: `queue://${queue}` });
    expect(message?.headers['region']).toBe('EU');
    expect(await observer.bodies(queue)).toEqual(['{"id":2}']);
  });

  it('in a loop takes everything in order and flags nothing as redelivered', async () => {
    const [{ jms }, queue] = [await bench.app(), bench.queue()];
    const count = 200;
    await Promise.all(Array.from({ length: count }, (_, id) => jms.convertAndSend(queue, id)));
    const seen: [unknown, boolean][] = [];
    for (let message = await jms.receive(queue, { timeout: -1 }); message; message = await jms.receive(queue, { timeout: -1 })) {
      seen.push([message.payload, message.redelivered]);
    }
    expect(seen.map(([payload]) => payload).sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: count }, (_, id) => id));
    expect(seen.filter(([, redelivered]) => redelivered)).toEqual([]);
  });

  it('waits for a message that comes later', async () => {
    const [{ jms }, queue] = [await bench.app(), bench.queue()];
    const received = jms.receiveAndConvert(queue);
    const selected = jms.receiveSelectedAndConvert(queue, `colour = 'red'`, { timeout: 30_000 });
    await jms.convertAndSend(queue, 'plain');
    expect(await received).toBe('plain');
    await jms.convertAndSend(queue, 'red', { headers: { colour: 'red' } });
    expect(await selected).toBe('red');
  });

  it('resolves with undefined when nothing comes in time, and takes nothing later', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    expect(await jms.receive(queue, { timeout: 50 })).toBeUndefined();
    expect(await jms.receive(queue, { timeout: -1 })).toBeUndefined();
    await observer.send(queue, 'later');
    // The subscription that lingers may hold it for a moment; it is the queue's all the same.
    expect(await observer.bodies(queue)).toEqual(['later']);
    const { frames } = await observer.take(queue);
    await vi.waitFor(() => expect(frames).toHaveLength(1), 10_000);
  });

  it('never loses a message when the end of its time and a delivery meet', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    const received: unknown[] = [];
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      const waiting = jms.receiveAndConvert(queue, { timeout: 1 + (round % 12) });
      await observer.send(queue, String(round), { 'content-type': 'application/json' });
      const payload = await waiting;
      if (payload !== undefined) received.push(payload);
    }
    for (let rest = await jms.receiveAndConvert(queue, { timeout: 500 }); rest !== undefined;) {
      received.push(rest);
      rest = await jms.receiveAndConvert(queue, { timeout: 500 });
    }
    expect(received.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: rounds }, (_, round) => round));
  });

  it('without waiting takes what is there, each time', async () => {
    const [{ jms }, queue] = [await bench.app(), bench.queue()];
    for (let round = 0; round < 40; round++) {
      const own = `${queue}.${round}`;
      await jms.convertAndSend(own, round, { headers: { even: round % 2 === 0 } });
      expect(await jms.receiveSelected(own, `even = '${round % 2 !== 0}'`, { timeout: -1 })).toBeUndefined();
      expect(await jms.receiveAndConvert(own, { timeout: -1 })).toBe(round);
    }
  });

  it('shares a queue among concurrent callers: each message once', async () => {
    const [{ jms }, queue] = [await bench.app(), bench.queue()];
    const count = 60;
    const waiting = Array.from({ length: count }, () => jms.receiveAndConvert(queue, { timeout: 20_000 }));
    for (let id = 0; id < count; id++) await jms.convertAndSend(queue, id);
    const received = await Promise.all(waiting);
    expect(received.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: count }, (_, id) => id));
  });

  it('takes the message that its selector chooses, and refuses a selector that the broker cannot read', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    await jms.convertAndSend(queue, 'one', { headers: { n: 1 } });
    await jms.convertAndSend(queue, 'two', { headers: { n: 2 } });
    expect((await jms.receiveSelected(queue, 'n > 1'))?.text()).toBe('two');
    expect(await observer.bodies(queue)).toEqual(['one']);
    const refused = jms.receiveSelected(queue, 'n >');
    await expect(refused).rejects.toThrow(BrokerError);
    await expect(jms.receiveSelected(queue, '')).rejects.toThrow(ConfigurationError);
  });

  it('gets what a topic is given while it waits', async () => {
    const [{ jms, connection }, topic] = [await bench.app(), `topic://${bench.queue('prices')}`];
    const received = jms.receiveAndConvert(topic, { timeout: 20_000 });
    // Nobody tells from outside when the subscription stands: what is published before is not for it.
    const publishing = setInterval(() => void jms.convertAndSend(topic, 'price'), 20);
    expect(await received).toBe('price');
    clearInterval(publishing);
    await jms.flush();
    expect(connection.state).toBe('connected');
    expect(await jms.receive(`topic://${bench.queue('quiet')}`, { timeout: -1 })).toBeUndefined();
  });

  it('uses the defaults of its template', async () => {
    const [{ jms }, queue] = [await bench.app({ template: { receiveTimeout: 20 }, pubSubDomain: false }), bench.queue()];
    expect(await jms.receive(queue)).toBeUndefined();
  });

  it.each(['a,b', 'orders.>', 'orders.*'])('refuses %s: one queue or topic at a time', async (destination) => {
    const { jms } = await bench.app();
    await expect(jms.receive(destination)).rejects.toThrow('A receive takes from one queue or topic');
  });

  it('refuses options that cannot be', async () => {
    const { jms } = await bench.app();
    await expect((async () => jms.receive('q', { timeout: -2 }))()).rejects.toThrow('`timeout` is -2');
    await expect((async () => jms.receive('q', { timeuot: 2 } as object))()).rejects.toThrow('Did you mean `timeout`?');
  });

  it('stops when its signal aborts, and leaves what comes then', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    const stop = new AbortController();
    const waiting = jms.receive(queue, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(jms.receive(queue, { signal: stop.signal })).rejects.toThrow('enough');
    await observer.send(queue, 'm1');
    expect((await jms.receive(queue))?.text()).toBe('m1');
  });

  it('rejects a body that cannot be converted, so that it is a dead letter and not lost', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), bench.queue()];
    await observer.send(queue, '{"torn":', { 'content-type': 'application/json', mark: queue });
    await jms.convertAndSend(queue, 'fine');
    await expect(jms.receiveAndConvert(queue)).rejects.toThrow(MessageConversionError);
    expect(await jms.receiveAndConvert(queue)).toBe('fine');
    const dead = await jms.receiveSelected('ActiveMQ.DLQ', `mark = '${queue}'`, { timeout: 10_000 });
    expect(dead?.text()).toBe('{"torn":');
  });

  it('leaves such a body where it is on a dead letter queue, where a rejection would destroy it', async () => {
    const [{ jms }, observer, queue] = [await bench.app(), await bench.client(), `DLQ.${bench.queue()}`];
    await observer.send(queue, '{"torn":', { 'content-type': 'application/json' });
    await expect(jms.receiveAndConvert(queue, { timeout: 10_000 })).rejects.toThrow(MessageConversionError);
    expect((await jms.receive(queue, { timeout: 10_000 }))?.text()).toBe('{"torn":');
  });

  it('goes on waiting through a failover', async () => {
    const proxy = await bench.proxy();
    const [{ jms, connection }, observer, queue] = [await bench.app({}, proxy.port), await bench.client(), bench.queue()];
    const waiting = jms.receiveAndConvert(queue, { timeout: 30_000 });
    await expect.poll(() => connection.state).toBe('connected');
    const resumed = new Promise<void>((resolve) => connection.on('resumed', () => resolve()));
    proxy.cut();
    await resumed;
    await observer.send(queue, 'after', { 'content-type': 'text/plain' });
    expect(await waiting).toBe('after');
  });

  it('says that there was no connection, which is not the same as no message', async () => {
    const proxy = await bench.proxy();
    const [{ jms }, queue] = [await bench.app({}, proxy.port), bench.queue()];
    proxy.break();
    await expect(jms.receive(queue, { timeout: 200 })).rejects.toThrow(ConnectError);
  });

  it('ends when the connection is closed', async () => {
    const [{ jms, close, connection }, queue] = [await bench.app(), bench.queue()];
    const waiting = jms.receive(queue).catch((error: unknown) => error);
    await expect.poll(() => connection.state).toBe('connected');
    await close();
    expect(await waiting).toBeInstanceOf(ConnectionClosedError);
    await expect(jms.receive(queue)).rejects.toThrow(ConnectionClosedError);
  });
});

describeOnBoth('browse', (bench) => {
  it('shows the messages of a queue, and leaves them', async () => {
    const [{ jms }, queue] = [await bench.app(), bench.queue()];
    for (const id of [1, 2, 3]) await jms.convertAndSend(queue, { id }, { headers: { odd: id % 2 === 1 } });
    const payloads = async (options: object) => {
      const seen: unknown[] = [];
      for await (const message of jms.browse(queue, options)) seen.push(message.payload);
      return seen;
    };
    expect(await payloads({})).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(await payloads({ selector: `odd = 'true'` })).toEqual([{ id: 1 }, { id: 3 }]);
    expect(await payloads({ limit: 2 })).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await jms.receiveAndConvert(queue)).toEqual({ id: 1 });
  });

  it('refuses what is not one queue, and options that cannot be', async () => {
    const { jms } = await bench.app();
    for (const destination of ['topic://prices', 'a,b', 'orders.>'])
      expect(() => jms.browse(destination)).toThrow('Only one queue can be browsed');
    expect(() => jms.browse('q', { limit: 0 })).toThrow('`limit` is 0');
    expect(() => jms.browse('q', { selektor: 'x' } as object)).toThrow('Did you mean `selector`?');
  });
});
