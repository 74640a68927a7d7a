import { describe, expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { cleanUpConnections, closeAfterTest, connectionSettings, failoverUrl } from '../connection/connection.fixture.js';
import { heapUsed } from '../connection/heap.fixture.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import { cleanUpSessions, startFakeBroker } from '../stomp/stomp-session.fixture.js';
import { JmsMessagingTemplate } from './jms-messaging.template.js';
import { resolveTemplateDefaults } from './template-defaults.js';

cleanUpConnections();
cleanUpSessions();

describe('memory', () => {
  it('keeps nothing of twenty thousand transactions of one session', async () => {
    const broker = await startFakeBroker();
    const connection = closeAfterTest(new ActiveMqConnection(connectionSettings(failoverUrl([broker]))));
    const jms = new JmsMessagingTemplate(connection, new DefaultMessageConverter(), resolveTemplateDefaults('t', {}, false));
    const run = async (count: number) => {
      for (let rest = count; rest > 0; rest--) await jms.transaction(() => undefined);
    };
    await run(2_000);
    const before = await heapUsed();
    await run(20_000);
    expect((await heapUsed()) - before).toBeLessThan(3_000_000);
  }, 60_000);
});
