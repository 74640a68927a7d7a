import { expect, it } from 'vitest';
import { describeOnEachMortalBroker } from './support/mortal-broker.js';
import { unique, uniqueQueue, uniqueTopic } from './support/names.js';
import { text } from './support/test-client.js';

describeOnEachMortalBroker('kill -9 and restart', (broker) => {
  it('keeps confirmed persistent messages in order, loses the others, and forgets what was in flight, open or flagged', async () => {
    const names = { kept: uniqueQueue(), inFlight: uniqueQueue(), flagged: uniqueQueue('flagged'), open: uniqueQueue() };
    const [topic, clientId, delayed] = [uniqueTopic(), unique('client'), uniqueQueue()];
    const before = await broker.client({ clientId });

    await before.send(names.kept, 'm1');
    await before.send(names.kept, 'not persistent', { persistent: 'false' });
    await before.send(names.kept, 'm2');
    await before.send(delayed, 'later', { AMQ_SCHEDULED_DELAY: '1500' });
    const durable = await before.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    await durable.unsubscribe();
    await before.send(topic, 'for the durable one');
    for (const queue of [names.inFlight, names.flagged]) {
      await before.send(queue, 'in flight');
      // Once delivered and returned, so that both the flag and the count stand on it.
      for (let delivery = 0; delivery < 2; delivery++) {
        const subscription = await before.subscribe(queue);
        await subscription.next();
        await subscription.unsubscribe();
      }
    }
    const held = await before.subscribe(names.open);
    await before.send(names.open, 'acknowledged in an open transaction');
    const transaction = await before.begin();
    await before.ack(await held.next(), transaction);
    await before.send(names.kept, 'in an open transaction', { transaction });

    const ended = before.session.closed;
    await broker.killAndRestart();
    await ended;
    const after = await broker.client({ clientId });

    expect(await after.bodiesOn(names.kept)).toEqual(['m1', 'm2']);
    expect(await after.bodiesOn(names.open)).toEqual(['acknowledged in an open transaction']);
    const durableAgain = await after.subscribe(topic, { 'activemq.subscriptionName': 'sub' });
    expect(text(await durableAgain.next())).toBe('for the durable one');

    const unflagged = await after.subscribe(names.inFlight, { selector: 'JMSXDeliveryCount = 1' });
    expect(Object.keys((await unflagged.next()).headers)).not.toContain('redelivered');
    const flagged = await after.subscribe(names.flagged);
    expect((await flagged.next()).headers['redelivered']).toBe('true');

    const late = await after.subscribe(delayed);
    expect(text(await late.next())).toBe('later');
  });

  it('keeps what was committed, and dead letters', async () => {
    const [from, to, poisoned] = [uniqueQueue(), uniqueQueue(), uniqueQueue('individual')];
    const before = await broker.client();
    await before.send(from, 'm1');
    const subscription = await before.subscribe(from);
    const transaction = await before.begin();
    await before.send(to, 'moved', { transaction });
    await before.ack(await subscription.next(), transaction);
    await before.commit(transaction);
    await before.send(poisoned, 'poison');
    const rejecting = await before.subscribe(poisoned);
    await before.nack(await rejecting.next());

    await broker.killAndRestart();

    const after = await broker.client();
    expect([await after.bodiesOn(from), await after.bodiesOn(to)]).toEqual([[], ['moved']]);
    expect(await after.bodiesOn(`/queue/DLQ.${poisoned.replace('/queue/', '')}`)).toEqual(['poison']);
  });
});
