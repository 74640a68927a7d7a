import { describe, expect, it } from 'vitest';

import { ReceiptTimeoutError } from '../errors/index.js';
import { connected } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { cleanUpConnections, failoverUrl, linkTo } from './connection.fixture.js';
import { deleteDurableSubscription } from './delete-durable-subscription.js';

cleanUpConnections();
cleanUpSessions();

const PRICES = { clientId: 'app', subscriptionName: 'prices' };

describe('the deletion of a durable subscription', () => {
  it('says what was waited for when there is no connection in time', async () => {
    const { link } = linkTo(failoverUrl([await startFakeBroker(() => undefined)]));
    const error = await rejection(deleteDurableSubscription(link, PRICES, 30));
    expect(error).toBeInstanceOf(ReceiptTimeoutError);
    expect(error.message).toMatch(/'prices' of client 'app' was not deleted within 30 ms, because there is no connection/);
  });

  it('says what was waited for when the broker does not answer', async () => {
    const broker = await startFakeBroker((frame, peer) => frame.command === 'CONNECT' && connected(peer));
    const { link } = linkTo(failoverUrl([broker]));
    const error = await rejection(deleteDurableSubscription(link, PRICES, 200));
    expect(error).toBeInstanceOf(ReceiptTimeoutError);
    expect(error.message).toContain('UNSUBSCRIBE');
  });
});
