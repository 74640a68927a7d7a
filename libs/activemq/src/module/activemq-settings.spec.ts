import { describe, expect, it, vi } from 'vitest';

import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import { DefaultMessageConverter } from '../message/default-message-converter.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';
import { VmBrokers } from './vm-brokers.js';
import { resolveActiveMqSettings } from './activemq-settings.js';
import { getActiveMqConnectionToken, getJmsTemplateToken } from './tokens.js';

const noVm = new VmBrokers();
const resolve = (options: ActiveMqModuleOptions, name = 'default') => resolveActiveMqSettings(name, options, noVm);

describe('resolveActiveMqSettings', () => {
  it('connects to the local broker in the background, with heart-beats and bounds', () => {
    const settings = resolve({});
    expect(settings).toMatchObject({ name: 'default', startup: 'background', shutdownTimeout: 30_000 });
    expect(settings.connection).toMatchObject({
      heartBeat: { outgoing: 10_000, incoming: 10_000 },
      connectTimeout: 10_000,
      receiptTimeout: 15_000,
      recoveryInterval: 5_000,
      sendWindow: { messages: 256, bytes: 67_108_864 },
    });
    expect(settings.connection.failover.uris.map(String)).toEqual(['stomp://localhost:61613']);
    expect(settings.listeners).toMatchObject({
      pubSubDomain: false,
      defaults: {},
      overrides: {},
      redelivery: {},
      deadLetter: expect.any(SharedDeadLetterStrategy),
    });
    expect(settings.template).toMatchObject({ persistent: true, sendTimeout: 60_000 });
    expect(settings.converter).toBeInstanceOf(DefaultMessageConverter);
  });

  it('keeps one heart-beat that is given, and the default of the other', () => {
    const given = { outgoing: 0 } as { outgoing: number; incoming: number };
    expect(resolve({ heartbeat: given }).connection.heartBeat).toEqual({ outgoing: 0, incoming: 10_000 });
  });

  it("tries every broker once with startup 'fail', unless the URL says otherwise", () => {
    const attempts = (options: ActiveMqModuleOptions) => resolve(options).connection.failover.options.startupMaxReconnectAttempts;
    expect(attempts({})).toBe(-1);
    expect(attempts({ startup: 'wait' })).toBe(-1);
    expect(attempts({ startup: 'fail' })).toBe(1);
    expect(attempts({ startup: 'fail', brokerUrl: 'failover:(stomp://a:1)?startupMaxReconnectAttempts=7' })).toBe(7);
  });

  it('writes to the logger it is given, under a context of its own, and to none that lacks the level', () => {
    const logger = { log: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const { loggerFor, connection } = resolve({ logger }, 'billing');
    loggerFor('Here').log('hello');
    loggerFor('Here').debug('nobody hears');
    loggerFor('Here').error('oh', 'stack');
    connection.logger.warn('careful');
    expect(logger.log.mock.calls).toEqual([['hello', 'Here']]);
    expect(logger.error.mock.calls).toEqual([['oh', 'stack', 'Here']]);
    expect(logger.warn.mock.calls).toEqual([['careful', 'ActiveMqConnection(billing)']]);
  });
});

it('has tokens for every name, and classes for the default one', () => {
  expect(getJmsTemplateToken()).toBe(getJmsTemplateToken('default'));
  expect(typeof getJmsTemplateToken()).toBe('function');
  expect(getJmsTemplateToken('billing')).not.toEqual(getActiveMqConnectionToken('billing'));
});
