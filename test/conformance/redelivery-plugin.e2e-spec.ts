import { expect, it } from 'vitest';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { unique, uniqueQueue } from './support/names.js';
import { text } from './support/test-client.js';

// The policy of these brokers: 2 redeliveries, 1 s apart; less than 1 s is refused at their start.
describeOnEachBroker(
  'redeliveryPlugin',
  (broker) => {
    it('delivers a NACKed message again after its delay, and moves it to the dead letter queue after the last', async () => {
      const [queue, mark] = [uniqueQueue('redelivered'), unique('mark')];
      const client = await broker.client();
      await client.send(queue, 'poison', { mark });
      const subscription = await client.subscribe(queue);
      const first = await subscription.next();
      await client.nack(first);
      const nackedAt = performance.now();
      expect(await client.bodiesOn(queue)).toEqual([]);
      const second = await subscription.next();
      expect(performance.now() - nackedAt).toBeGreaterThan(900);
      expect(second.headers).toMatchObject({ redelivered: 'true', 'message-id': first.headers['message-id'], redeliveryDelay: '1000' });
      expect(second.headers['scheduledJobId']).toMatch(/^ID:/);
      await client.nack(second);
      await client.nack(await subscription.next());
      const dead = await client.browse('/queue/ActiveMQ.DLQ', `mark = '${mark}'`);
      expect(dead.map(text)).toEqual(['poison']);
      expect(await subscription.stray()).toEqual([]);
    });

    it('puts a NACKed message behind the others', async () => {
      const queue = uniqueQueue('redelivered');
      const client = await broker.client();
      await client.sendAll(queue, ['m1', 'm2', 'm3']);
      const subscription = await client.subscribe(queue);
      await client.nack(await subscription.next());
      expect(await subscription.bodies(3)).toEqual(['m2', 'm3', 'm1']);
    });

    it('lets a selector see the count of the redelivered copy', async () => {
      const queue = uniqueQueue('redelivered');
      const client = await broker.client();
      await client.send(queue, 'm1');
      const first = await client.subscribe(queue, { selector: 'JMSXDeliveryCount = 1' });
      await client.nack(await first.next());
      const second = await client.subscribe(queue, { selector: 'JMSXDeliveryCount = 2' });
      expect(text(await second.next())).toBe('m1');
    });

    it('leaves queues without a redelivery policy alone: their NACK goes to the dead letter queue at once', async () => {
      const [queue, mark] = [uniqueQueue('app'), unique('mark')];
      const client = await broker.client();
      await client.send(queue, 'poison', { mark });
      const subscription = await client.subscribe(queue);
      await client.nack(await subscription.next());
      expect(await client.bodiesOn('/queue/ActiveMQ.DLQ', `mark = '${mark}'`)).toEqual(['poison']);
    });
  },
  'guarded',
);
