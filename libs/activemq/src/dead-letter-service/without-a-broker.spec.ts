import { describe, expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings } from '../connection/connection.fixture.js';
import { ConnectError } from '../errors/index.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { rejection } from '../stomp/stomp-session.fixture.js';
import { DeadLetterService } from './dead-letter-service.js';

cleanUpConnections();

describe('without a broker', () => {
  it.each([
    ['list', (service: DeadLetterService) => service.list()],
    ['listGroups', (service: DeadLetterService) => service.listGroups()],
    ['inspect', (service: DeadLetterService) => service.inspect('ID:1')],
    ['sendBack with dryRun', (service: DeadLetterService) => service.sendBack({ all: true }, { dryRun: true })],
  ])('%s waits no longer than `receiptTimeout`, and says why', async (_, ask) => {
    const settings = connectionSettings('failover:(stomp://127.0.0.1:1)?initialReconnectDelay=5', { receiptTimeout: 60 });
    const connection = closeAfterTest(new ActiveMqConnection(settings));
    const error = await rejection(ask(new DeadLetterService(connection, new DefaultMessageConverter())));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.message).toMatch(
      /^No broker could be reached within 60 ms, so nothing can be browsed in \/queue\/ActiveMQ\.DLQ: stomp:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });
});
