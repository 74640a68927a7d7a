import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeStomp } from './stomp-probe.js';

let server: Server | undefined;
const sockets = new Set<Socket>();

/** A peer that misbehaves on purpose; its port. */
async function peer(behave: (socket: Socket, frame: string) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (data) => behave(socket, data.toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  sockets.forEach((socket) => socket.destroy());
  sockets.clear();
  if (server) {
    server.close();
    await once(server, 'close');
    server = undefined;
  }
});

describe('probeStomp', () => {
  it('sends a STOMP 1.2 CONNECT with the login and knows CONNECTED, also in pieces', async () => {
    let sent = '';
    const port = await peer((socket, frame) => {
      sent = frame;
      socket.write('\n\nCONN');
      setImmediate(() => socket.write('ECTED\nserver:ActiveMQ/5.17.2\nversion:1.2\n\n\0\n'));
    });
    await expect(probeStomp(port, { user: 'app', password: 'a:b' })).resolves.toEqual({ outcome: 'connected', server: 'ActiveMQ/5.17.2' });
    expect(sent).toBe('CONNECT\naccept-version:1.2\nhost:127.0.0.1\nheart-beat:0,0\nlogin:app\npasscode:a:b\n\n\0');
  });

  it('gives the reason of an ERROR', async () => {
    const port = await peer((socket) => socket.write('ERROR\nmessage:User name [x] or password is invalid.\n\nstack\0'));
    await expect(probeStomp(port)).resolves.toEqual({ outcome: 'refused', reason: 'User name [x] or password is invalid.' });
  });

  it('is not taken in by a peer that speaks something else', async () => {
    const port = await peer((socket) => socket.write(Buffer.from('\u0000\u0000\u0001&\u0001ActiveMQ\u0000\u0000', 'latin1')));
    await expect(probeStomp(port)).resolves.toMatchObject({ outcome: 'refused' });
  });

  it('does not read on for ever', async () => {
    const port = await peer((socket) => socket.write('x'.repeat(200_000)));
    await expect(probeStomp(port)).resolves.toMatchObject({ outcome: 'refused' });
  });

  it('calls a peer silent at the deadline', async () => {
    const port = await peer(() => undefined);
    await expect(probeStomp(port, undefined, 50)).resolves.toEqual({ outcome: 'silent' });
  });

  it('tells a peer that hangs up from one that is not there', async () => {
    const port = await peer((socket) => socket.end());
    await expect(probeStomp(port)).resolves.toEqual({ outcome: 'closed', reason: 'closed without an answer' });
    sockets.forEach((socket) => socket.destroy());
    server?.close();
    await once(server as Server, 'close');
    server = undefined;
    await expect(probeStomp(port)).resolves.toMatchObject({ outcome: 'closed', reason: expect.stringContaining('ECONNREFUSED') as string });
  });

  it('sends no second header line out of a password', async () => {
    let sent = '';
    const port = await peer((socket, frame) => {
      sent = frame;
      socket.end();
    });
    await probeStomp(port, { user: 'a', password: 'b\nhost:evil\0' });
    expect(sent).toContain('\npasscode:bhost:evil\n\n');
  });
});
