import { describe, expect, it } from 'vitest';

import { readConfiguration } from './sample-configuration.js';

describe('readConfiguration', () => {
  it('has defaults', () => {
    expect(readConfiguration({ PORT: '' })).toEqual({ brokerUrl: 'vm://localhost', port: 3_000, ordersQueue: 'sample.orders' });
  });

  it('reads the variables', () => {
    const variables = { ACTIVEMQ_BROKER_URL: 'stomp://a:1', PORT: '0', ORDERS_QUEUE: 'mine' };
    expect(readConfiguration(variables)).toEqual({ brokerUrl: 'stomp://a:1', port: 0, ordersQueue: 'mine' });
  });

  it.each(['-1', '65536', 'http', '3000 ', '1e3'])('refuses the port %j', (PORT) => {
    expect(() => readConfiguration({ PORT })).toThrow('it must be a number from 0 (a free port) to 65535');
  });
});
