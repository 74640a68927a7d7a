import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BROKER_URI_SCHEMES, isSameBroker, parseBrokerUri } from './broker-uri.js';

describe('parseBrokerUri', () => {
  it.each([
    ['stomp://a', 'stomp', false, 'a', 61613],
    ['stomp+nio://a:1', 'stomp+nio', false, 'a', 1],
    ['stomp+ssl://a', 'stomp+ssl', true, 'a', 61612],
    ['stomp+nio+ssl://a', 'stomp+nio+ssl', true, 'a', 61612],
    ['ssl://a.example.org:65535', 'ssl', true, 'a.example.org', 65535],
    ['tcp://192.168.245.128:61616', 'tcp', false, '192.168.245.128', 61616],
    ['tcp://broker_1/', 'tcp', false, 'broker_1', 61613],
    ['STOMP://Host:61613', 'stomp', false, 'Host', 61613],
    ['  stomp://a:61613\n', 'stomp', false, 'a', 61613],
    ['stomp://[::1]', 'stomp', false, '::1', 61613],
    ['stomp://[fe80::1%25eth0]:61614', 'stomp', false, 'fe80::1%eth0', 61614],
    ['vm://embedded', 'vm', false, 'embedded', 0],
  ])('reads %s', (text, scheme, secure, host, port) => {
    expect(parseBrokerUri(text)).toMatchObject({ scheme, secure, host, port, options: {} });
  });

  it.each([
    ['stomp://bob@a', 'bob', undefined],
    ['stomp://bob:@a', 'bob', ''],
    ['stomp://bob:secret@a', 'bob', 'secret'],
    ['stomp://bob:a:b@a', 'bob', 'a:b'],
    ['stomp://b%40b:p%3Aq%2F%3F%23%25%C3%A9+@[::1]:1', 'b@b', 'p:q/?#%é+'],
    ['stomp://a', undefined, undefined],
  ])('decodes the userinfo of %s', (text, user, password) => {
    const uri = parseBrokerUri(text);
    expect([uri.user, uri.password]).toEqual([user, password]);
  });

  it('reads every parameter that means something over STOMP', () => {
    expect(
      parseBrokerUri('ssl://a?connectionTimeout=500&keepAlive=true&tcpNoDelay=true&wireFormat.maxInactivityDuration=0&verifyHostName=false')
        .options,
    ).toEqual({ connectionTimeout: 500, keepAlive: true, maxInactivityDuration: 0, verifyHostName: false });
    expect(parseBrokerUri('ssl://a?socket.verifyHostName=true').options).toEqual({ verifyHostName: true });
    expect(parseBrokerUri('stomp://a?').options).toEqual({});
  });

  it.each(['stomp://bob:secret@a:61613?keepAlive=true', 'stomp+ssl://bob:secret@[::1]:61613'])(
    'never shows the credentials of %s',
    (text) => {
      const uri = parseBrokerUri(text);
      const shown = `${uri.toString()} ${JSON.stringify({ uri })} ${inspect(uri, { depth: 9, showHidden: true, getters: false })} ${JSON.stringify({ ...uri })}`;
      expect(shown).toContain('61613');
      expect(shown).not.toMatch(/bob|secret/);
    },
  );

  it('writes itself as an address, with brackets around IPv6', () => {
    expect(parseBrokerUri('stomp+ssl://bob@[::1]?keepAlive=true').toString()).toBe('stomp+ssl://[::1]:61612');
    expect(parseBrokerUri('vm://embedded').toString()).toBe('vm://embedded');
  });

  it('is read back from what it writes, for every scheme', () => {
    for (const scheme of BROKER_URI_SCHEMES) {
      const uri = parseBrokerUri(`${scheme}://name`);
      expect(parseBrokerUri(uri.toString())).toEqual(uri);
    }
  });
});

describe('isSameBroker', () => {
  it.each([
    ['stomp://A:1', 'tcp://a:1', true],
    ['stomp://a:1', 'stomp://a:2', false],
    ['stomp://a:1', 'stomp://b:1', false],
    ['vm://a', 'vm://a', true],
    ['vm://a', 'stomp://a', false],
  ])('%s and %s: %s', (a, b, same) => {
    expect(isSameBroker(parseBrokerUri(a), parseBrokerUri(b))).toBe(same);
  });
});
