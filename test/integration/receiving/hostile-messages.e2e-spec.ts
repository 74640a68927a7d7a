import { expect, it } from 'vitest';

import { describeOnBoth } from './receiving.fixture.js';

describeOnBoth('a browse', (bench) => {
  it('shows what stands behind a message that says it is the end', async () => {
    const queue = bench.queue('orders');
    const { jms } = await bench.app();
    const client = await bench.client();
    await client.send(queue, 'first');
    await client.send(queue, '', { browser: 'end', 'message-id': '0' });
    await client.send(queue, 'last');
    const seen: string[] = [];
    for await (const message of jms.browse(queue)) seen.push(message.text());
    expect(seen).toEqual(['first', '', 'last']);
  });
});
