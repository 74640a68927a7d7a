import { BrokerError, ConnectError } from 'nestjs-activemq';
import { expect, it } from 'vitest';

import { TcpProxy } from '../framework/tcp-proxy.fixture.js';
import { describeOnBoth } from './receiving.fixture.js';

describeOnBoth('what cannot be received', (bench) => {
  it('because of a bad selector says so, and where', async () => {
    const queue = bench.queue('orders');
    const { jms } = await bench.app();
    const received = jms.receiveSelected(queue, 'color = = 1', { timeout: 100 });
    const browsed = jms.browse(queue, { selector: 'color = = 1' }).next();
    for (const [end, what] of [
      [received, 'Nothing was received from'],
      [browsed, 'Nothing can be browsed in'],
    ] as const) {
      await expect(end).rejects.toBeInstanceOf(BrokerError);
      await expect(end).rejects.toThrow(`${what} queue://${queue}: the broker refused the subscription with the selector "color = = 1"`);
    }
  });

  it('because there is no connection says why', async () => {
    const proxy = await TcpProxy.before(bench.port());
    const { jms } = await bench.app({}, proxy.port);
    proxy.break();
    const received = jms.receive(bench.queue(), { timeout: 1 });
    await expect(received).rejects.toBeInstanceOf(ConnectError);
    await expect(received).rejects.toThrow(/could not be subscribed to in time, because there is no connection: .+/);
    await proxy.close();
  });
});
