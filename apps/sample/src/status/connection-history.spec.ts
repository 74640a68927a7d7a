import type { ActiveMqConnection, ConnectionEvents } from 'nestjs-activemq';
import { describe, expect, it } from 'vitest';

import { ConnectionHistory } from './connection-history.js';

type Handlers = { [Name in keyof ConnectionEvents]?: (event: ConnectionEvents[Name]) => void };

function historyOf(): { history: ConnectionHistory; handlers: Handlers } {
  const handlers: Handlers = {};
  const on = (name: keyof ConnectionEvents, handler: never) => {
    handlers[name] = handler;
    return () => undefined;
  };
  return { history: new ConnectionHistory({ on } as unknown as ActiveMqConnection), handlers };
}

const lost = { brokerUri: 'stomp://a:1', reason: new Error('gone') };

describe('ConnectionHistory', () => {
  it('remembers when it was connected for the first time', () => {
    const { history, handlers } = historyOf();
    expect(history.firstConnectedAt).toBeUndefined();
    handlers.connected?.({ brokerUri: 'stomp://a:1' });
    expect(history.firstConnectedAt).toBeTypeOf('number');
  });

  it('tells a failover while it lasts and once it is over', () => {
    const { history, handlers } = historyOf();
    handlers.interrupted?.(lost);
    expect(history.failovers).toEqual([{ number: 1, interruptedAt: expect.any(Number), from: 'stomp://a:1', reason: 'gone' }]);
    expect(history.completed).toBe(0);
    handlers.resumed?.({ brokerUri: 'stomp://b:2', interruptedFor: 1_234.5 });
    expect(history.failovers).toMatchObject([{ from: 'stomp://a:1', to: 'stomp://b:2', duration: 1_235 }]);
    expect(history.completed).toBe(1);
  });

  it('keeps a bounded number, the newest first', () => {
    const { history, handlers } = historyOf();
    for (let round = 0; round < 60; round++) {
      handlers.interrupted?.(lost);
      handlers.resumed?.({ brokerUri: 'stomp://b:2', interruptedFor: 1 });
    }
    expect(history.failovers).toHaveLength(50);
    expect(history.failovers[0]?.number).toBe(60);
    expect(history.completed).toBe(60);
  });
});
