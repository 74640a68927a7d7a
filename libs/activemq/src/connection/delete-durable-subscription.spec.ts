import { describe, expect, it } from 'vitest';

import { BrokerError, ReceiptTimeoutError } from '../errors/index.js';
import { connected, type PeerScript, wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
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

  it.each([
    [
      'No durable subscription exists for clientID: app and subscriptionName: prices',
      /: there is none of that name for this `clientId` on stomp:[^;]*$/,
    ],
    ['Durable consumer is in use', /: Durable consumer is in use; its listener has to be stopped first/],
  ])('says why the broker refused: %s', async (message, text) => {
    const refuse: PeerScript = ({ headers }, peer) => peer.send('ERROR', { 'receipt-id': headers['receipt'], message });
    const { link } = linkTo(failoverUrl([await startFakeBroker(wellBehavedExcept({ UNSUBSCRIBE: refuse }))]));
    const error = await rejection(deleteDurableSubscription(link, PRICES, 2_000));
    expect(error).toBeInstanceOf(BrokerError);
    expect(error.message).toMatch(text);
  });
});
