import { describe, expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from '../connection/connection.fixture.js';
import { SendError, TransactionRolledBackError } from '../errors/index.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { wellBehavedExcept } from '../stomp/fake-broker.fixture.js';
import { cleanUpSessions, rejection, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { JmsMessagingTemplate } from './jms-messaging.template.js';
import { resolveTemplateDefaults } from './template-defaults.js';

cleanUpConnections();
cleanUpSessions();

function templateTo(url: string): JmsMessagingTemplate {
  const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(url)));
  return new JmsMessagingTemplate(connection, new DefaultMessageConverter(), resolveTemplateDefaults('t', {}, false));
}

const NOBODY = 'failover:(stomp://127.0.0.1:1)?initialReconnectDelay=5';

describe('without a broker', () => {
  it('a request says that it was not sent, and why', async () => {
    const error = await rejection(templateTo(NOBODY).convertSendAndReceive('prices', 'x', { timeout: 60 }));
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ outcome: 'not-sent', retryable: true });
    expect(error.message).toMatch(
      /^The request to \/queue\/prices was not sent: no temporary queue for the reply could be opened within 60 ms; there is no connection: stomp:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });

  it('a request says that it was not sent when the broker does not answer the SUBSCRIBE for its reply either', async () => {
    const broker = await startFakeBroker(wellBehavedExcept({ SUBSCRIBE: () => undefined }));
    const error = await rejection(templateTo(failoverUrl([broker])).convertSendAndReceive('prices', 'x', { timeout: 200 }));
    expect(error).toMatchObject({ outcome: 'not-sent' });
    expect(error.message).toBe('The request to /queue/prices was not sent: no temporary queue for the reply could be opened within 200 ms');
  });

  it('a transaction says that no broker could be reached, and not that it does too much', async () => {
    const error = await rejection(templateTo(NOBODY).transaction(() => 'done', { timeout: 60 }));
    expect(error).toBeInstanceOf(TransactionRolledBackError);
    expect(error).toMatchObject({ outcome: 'not-sent', retryable: true });
    expect(error.message).toMatch(
      /^The transaction could not begin, nothing was sent: no broker could be reached within 60 ms: stomp:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });
});
