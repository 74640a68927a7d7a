import { expect, it } from 'vitest';

import { MessageClaim } from '../../libs/activemq/src/connection/message-claim.js';
import type { StompSession } from '../../libs/activemq/src/stomp/stomp-session.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

const claimOf = (session: StompSession, queue: string, window: number, selector?: string) =>
  MessageClaim.open(session, 'claim', queue, { window, selector }, 10_000);

describeOnEachBroker('claims', (broker) => {
  it('delivers the next message behind an ACK although the subscription is ended right behind it: it goes back, flagged and counted', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    const rounds = 20;
    await client.sendAll(
      queue,
      Array.from({ length: rounds + 1 }, (_, n) => String(n)),
    );
    const flags: (string | undefined)[] = [];
    for (let round = 0; round < rounds; round++) {
      const subscription = await client.subscribe(queue, { 'activemq.prefetchSize': '1' });
      const message = await subscription.next();
      flags.push(message.headers['redelivered']);
      await client.ack(message);
      await subscription.unsubscribe();
    }
    expect(flags[0]).toBeUndefined();
    // Nearly always on ActiveMQ: it is a matter of threads there.
    expect(flags.filter((flag) => flag === 'true').length).toBeGreaterThan(0);
  });

  it('serves consumers before browsers: what a claim was not given before a browse ends is not there', async () => {
    const queue = uniqueQueue();
    const { session, sendAll } = await broker
      .client()
      .then((client) => ({ session: client.session, sendAll: client.sendAll.bind(client) }));
    for (let round = 0; round < 20; round++) {
      await sendAll(queue, ['m1', 'm2']);
      const claim = await claimOf(session, queue, 1);
      for (const _ of ['m1', 'm2']) await claim.acknowledge((await claim.next())!);
      expect(await claim.next()).toBeUndefined();
      await claim.end();
    }
  });

  it('commits the cumulative acknowledgements of ack:client one by one, with their copies', async () => {
    const [queue, target] = [uniqueQueue(), uniqueQueue()];
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2', 'm3', 'm4']);
    const claim = await claimOf(client.session, queue, 3);
    for (const _ of ['m1', 'm2']) {
      const frame = (await claim.next())!;
      const transaction = await claim.replace(frame, { destination: target, persistent: 'true' }, frame.body);
      await transaction.commit();
    }
    const third = (await claim.next())!;
    const transaction = await claim.replace(third, { destination: target, persistent: 'true' }, third.body);
    await transaction.rollback();
    await claim.end();
    expect((await client.bodiesOn(target)).toSorted()).toHaveLength(2);
    expect(await client.bodiesOn(queue)).toHaveLength(2);
    expect([...(await client.bodiesOn(target)), ...(await client.bodiesOn(queue))].toSorted()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('leaves a message whose transaction was cut off with its connection in its queue, and no copy', async () => {
    const [queue, target] = [uniqueQueue(), uniqueQueue()];
    const [client, dying] = [await broker.client(), await broker.client()];
    await client.send(queue, 'm1');
    const claim = await claimOf(dying.session, queue, 1);
    const frame = (await claim.next())!;
    await claim.replace(frame, { destination: target, persistent: 'true' }, frame.body);
    dying.kill();
    const again = await client.subscribe(queue);
    expect(text(await again.next())).toBe('m1');
    expect(await client.bodiesOn(target)).toEqual([]);
  });

  it('chooses messages by a list of their ids, and by the absence of a header', async () => {
    const queue = uniqueQueue();
    const client = await broker.client();
    await client.sendAll(queue, ['m1', 'm2', 'm3']);
    await client.send(queue, 'm4', { sendBackRun: 'this' });
    const ids = (await client.browse(queue)).map(({ headers }) => `'${headers['message-id']}'`);
    const shown = (selector: string) => client.bodiesOn(queue, selector).then((bodies) => bodies.length);
    expect(await shown(`JMSMessageID IN (${ids.slice(0, 2).join(',')})`)).toBe(2);
    expect(await shown(`NOT (JMSMessageID IN (${ids.slice(0, 1).join(',')}))`)).toBe(3);
    expect(await shown(`(sendBackRun IS NULL OR sendBackRun <> 'this')`)).toBe(3);
    expect(await shown(`(sendBackRun IS NULL OR sendBackRun <> 'other') AND NOT (JMSMessageID IN (${ids[0]}))`)).toBe(3);
  });
});
