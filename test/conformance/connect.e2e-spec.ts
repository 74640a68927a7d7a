import { expect, it } from 'vitest';
import { expected } from './support/differences.js';
import { describeOnEachBroker } from './support/describe-on-each-broker.js';
import { uniqueQueue } from './support/names.js';

describeOnEachBroker('CONNECT', (broker) => {
  it.each([
    ['accept-version:1.2', '1.2'],
    ['accept-version:1.1', '1.1'],
    ['accept-version:1.0', '1.0'],
    ['accept-version:1.0,1.1,1.2', '1.2'],
    ['accept-version:1.1,1.0', '1.1'],
    ['accept-version:1.2,1.3,9.9', '1.2'],
    ['no-version:given', '1.0'],
  ])('answers %s with version %s', async (accepted, version) => {
    const client = await broker.raw();
    const answer = await client.connect(accepted);
    expect([answer.command, answer.headers['version']]).toEqual(['CONNECTED', version]);
  });

  it('refuses a version it does not speak, names those it speaks, and closes', async () => {
    const client = await broker.raw();
    const answer = await client.connect('accept-version:1.3');
    expect(answer.command).toBe('ERROR');
    expect(answer.headers['message']).toMatch(/Invalid Protocol version\[1\.3\], supported versions are: \[1\.2, 1\.1, 1\.0\]/);
    await client.closed;
  });

  it('takes STOMP for CONNECT', async () => {
    const client = await broker.raw();
    client.write(['STOMP', 'accept-version:1.2', 'host:localhost']);
    expect((await client.frames.next()).command).toBe('CONNECTED');
  });

  it('needs no host header', async () => {
    const client = await broker.raw();
    client.write(['CONNECT', 'accept-version:1.2']);
    expect((await client.frames.next()).command).toBe('CONNECTED');
  });

  it('says which broker it is, and which session', async () => {
    const client = await broker.raw();
    const { headers } = await client.connect('accept-version:1.2');
    expect(headers['server']).toMatch(/^ActiveMQ\/\d+\.\d+/);
    expect(headers['session']).toMatch(/^ID:/);
    expect(headers['heart-beat']).toBe('0,0');
  });

  it('ignores empty lines before a frame', async () => {
    const client = await broker.raw();
    client.write(['\n\nCONNECT', 'accept-version:1.2']);
    expect((await client.frames.next()).command).toBe('CONNECTED');
  });

  it('answers a frame before CONNECT with ERROR, and closes or not, by version', async () => {
    const client = await broker.raw();
    client.write(['SEND', `destination:${uniqueQueue()}`], 'm');
    const answer = await client.frames.next();
    const { message, fate } = expected('frameBeforeConnect', broker);
    expect(answer.command).toBe('ERROR');
    expect(answer.headers['message']).toMatch(message);
    const open = client.connect('accept-version:1.2').then(
      () => 'open',
      () => 'silent',
    );
    expect(await Promise.race([open, client.closed.then(() => 'closed')])).toBe(fate);
  });
});

describeOnEachBroker(
  'log in',
  (broker) => {
    it('takes a user with its password', async () => {
      const client = await broker.client();
      await client.send('/queue/app.login', 'm1');
      expect(client.session.isOpen).toBe(true);
    });

    it('refuses a wrong password with ERROR and closes', async () => {
      const client = await broker.raw();
      const answer = await client.connect('accept-version:1.2', 'login:app', 'passcode:wrong');
      expect([answer.command, answer.headers['message']]).toEqual(['ERROR', 'User name [app] or password is invalid.']);
      await client.closed;
    });

    it('refuses an unknown user with the same words and closes', async () => {
      const client = await broker.raw();
      const answer = await client.connect('accept-version:1.2', 'login:nobody', 'passcode:wrong');
      expect(answer.headers['message']).toBe('User name [nobody] or password is invalid.');
      await client.closed;
    });

    it('refuses a client without a name and closes', async () => {
      const client = await broker.raw();
      const answer = await client.connect('accept-version:1.2');
      expect([answer.command, answer.headers['message']]).toEqual(['ERROR', 'User name [null] or password is invalid.']);
      await client.closed;
    });

    it('does not repeat the password in its ERROR', async () => {
      const client = await broker.raw();
      const answer = await client.connect('accept-version:1.2', 'login:app', 'passcode:do-not-tell');
      expect(JSON.stringify(answer.headers) + answer.body.toString()).not.toContain('do-not-tell');
    });
  },
  'guarded',
);
