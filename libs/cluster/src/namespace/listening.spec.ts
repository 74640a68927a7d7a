import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { hasListener, listensWhere } from './listening.js';

describe('listensWhere', () => {
  it('sees an open port of this process, and that it is closed again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(listensWhere(process.pid, port)).resolves.toBe(true);
    server.close();
    await once(server, 'close');
    await expect(listensWhere(process.pid, port)).resolves.toBe(false);
  });

  it('sees nothing where no process is', async () => {
    await expect(listensWhere(999_999_999, 80)).resolves.toBe(false);
  });
});

describe('hasListener', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0B034D7F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1',
    '   1: 0B034D7F:0FA1 0103 4D7F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 2 1',
  ].join('\n');

  it('tells a listener from a connection, and a port from one that only ends like it', () => {
    expect(hasListener(table, 4000)).toBe(true);
    expect(hasListener(table, 4001)).toBe(false);
    expect(hasListener(table, 0xa0)).toBe(false);
  });
});
