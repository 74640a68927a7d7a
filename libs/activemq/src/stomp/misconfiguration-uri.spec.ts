import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../errors/index.js';
import { parseBrokerUrl } from './failover-uri.js';

function errorOf(text: string): ConfigurationError {
  try {
    parseBrokerUrl(text);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('a broker URL that is wrong', () => {
  it.each([
    ['', /is empty/],
    ['   ', /is empty/],
    ['localhost:61613', /form scheme:\/\/host:port/],
    ['stomp:localhost:61613', /form scheme:\/\/host:port/],
    ['stomp://', /no valid host/],
    ['stomp://:61613', /no valid host/],
    ['stomp://exa mple', /no valid host/],
    ['stomp://a,stomp://b', /several brokers as failover:\(uri,uri\)/],
    ['stomp://bücher', /no valid host/],
    ['stomp://::1', /brackets: \[::1\]/],
    ['stomp://[::1', /no valid host/],
    ['stomp://[localhost]', /brackets around what is no IPv6/],
    ['stomp://a:', /port that is no number from 1 to 65535/],
    ['stomp://a:0', /port that is no number/],
    ['stomp://a:65536', /port that is no number/],
    ['stomp://a:port', /port that is no number/],
    ['stomp://a/path', /text behind host and port/],
    ['stomp://a#fragment', /text behind host and port/],
    ['stomp://@a', /no user before it/],
    ['stomp://:p@a', /no user before it/],
    ['stomp://u:p@q@a', /write %40/],
    ['stomp://u:p%zz@a', /write "%25"/],
    ['stomp://u:p/q@a', /percent-encode/],
    ['stomp://u:p?q@a', /percent-encode/],
    ['vm://a:61613', /a vm:\/\/ URI is vm:\/\/name/],
    ['vm://a?broker.persistent=false', /parameter "broker.persistent" has no meaning.*embedded broker has its own options/],
    ['http://a:61613', /scheme "http".*this is a STOMP client; the schemes are stomp, stomp\+nio, stomp\+ssl/],
    ['amqp://a', /scheme "amqp".*schemes are stomp/],
    ['nio://a', /scheme "nio".*schemes are stomp/],
    ['static:(tcp://a)', /form scheme:\/\/host:port/],
    ['discovery://a', /scheme "discovery", which is no address of one broker/],
    ['stmop://a', /did you mean "stomp"\?/],
    ['stomp+tls://a', /did you mean "stomp\+ssl"\?/],
    ['zzzzzzzz://a', /unknown scheme; the schemes are/],
  ])('%s', (text, message) => expect(errorOf(text).message).toMatch(message));
});

describe('a list of brokers that is wrong', () => {
  it.each([
    ['failover:', /lists no broker/],
    ['failover:()', /lists no broker/],
    ['failover:(stomp://a', /parentheses that do not match/],
    ['failover:(stomp://a))', /parentheses that do not match/],
    ['failover:(stomp://a)(stomp://b)', /text behind its closing parenthesis/],
    ['failover:(stomp://a)/path', /text behind its closing parenthesis/],
    ['failover:(stomp://a)randomize=false', /text behind its closing parenthesis/],
    ['failover:(stomp://a,,stomp://b)', /nothing at place 2/],
    ['failover:(stomp://a,b:61613)', /Broker URI 2 of 2 is not of the form/],
    ['failover:(stomp://a,failover:(stomp://b))', /Broker URI 2 of 2 is not of the form/],
    ['failover:(stomp://a,failover://(stomp://b))', /Broker URI 2 of 2 has the scheme "failover"/],
    ['failover:(stomp://a,http://b)', /Broker URI 2 of 2 has the scheme "http"/],
    ['failover:(stomp://u:a(b@a)?randomize=false', /parentheses that do not match.*%28/],
    ['failover:(stomp://u:a)?b=(c@a)', /percent-encode/],
  ])('%s', (text, message) => expect(errorOf(text).message).toMatch(message));
});

describe('a parameter of a broker URI that is wrong', () => {
  it.each([
    ['connectionTimeout=0', /connectionTimeout=0 is not allowed: connectionTimeout takes a whole number from 1/],
    ['connectionTimeout=soon', /connectionTimeout=soon is not allowed/],
    ['connectionTimeout=', /connectionTimeout= is not allowed/],
    ['connectionTimeout', /a parameter has no name or no "="/],
    ['=5', /a parameter has no name or no "="/],
    ['connectionTimeout=1&connectionTimeout=1', /parameter "connectionTimeout" is given twice/],
    ['connectiontimeout=1', /unknown parameter "connectiontimeout"\. Did you mean "connectionTimeout"\?/],
    ['zzz=1', /unknown parameter "zzz"\. Known parameters: connectionTimeout, keepAlive, tcpNoDelay, wireFormat\.maxInactivityDuration, /],
    ['keepAlive=yes', /keepAlive=yes is not allowed: keepAlive takes true or false/],
    ['tcpNoDelay=false', /tcpNoDelay=false is not allowed: tcpNoDelay takes true only/],
    ['wireFormat.maxInactivityDuration=-1', /wireFormat\.maxInactivityDuration=-1 is not allowed/],
    ['verifyHostName=false', /no meaning without TLS; use the scheme stomp\+ssl/],
    ['socket.verifyHostName=false', /no meaning without TLS/],
    ['jms.prefetchPolicy.all=1', /"jms\.prefetchPolicy\.all".*listener option "prefetch"/],
    ['jms.redeliveryPolicy.maximumRedeliveries=3', /option "redelivery"/],
    ['jms.userName=bob', /option "user" of forRoot/],
    ['jms.password=x', /option "password" of forRoot/],
    ['jms.clientID=c', /option "clientId" of forRoot/],
    ['jms.useAsyncSend=true', /convertAndSend without awaiting/],
    ['jms.sendTimeout=5', /"sendTimeout" of the template/],
    ['jms.watchTopicAdvisories=false', /use the options of forRoot/],
    ['wireFormat.maxFrameSize=1', /connector of the broker/],
    ['wireFormat.cacheEnabled=false', /OpenWire/],
    ['transport.trace=true', /prefix belongs to the connector of the broker/],
    ['socket.keyStore=k', /option "tls" of forRoot/],
    ['socket.soLinger=1', /socket of the Java client/],
    ['soTimeout=1000', /heart-beats/],
    ['useInactivityMonitor=false', /wireFormat\.maxInactivityDuration=0/],
    ['soLinger=1', /socket of the Java client/],
    ['trace=true', /log level of your Nest logger/],
    ['randomize=false', /"randomize" is an option of the list.*failover:\(uri,uri\)\?randomize/],
    ['nested.keepAlive=true', /"nested\.keepAlive" is an option of the list/],
    ['a%zz=1', /write "%25"/],
    ['keepAlive=true;x', /keepAlive=\(not shown\) is not allowed/],
    ['keep Alive=true', /characters that no option has/],
    ['keepAlive=true&amp;tcpNoDelay=true', /holds "&amp;"/],
  ])('%s', (query, message) => expect(errorOf(`stomp://a:61613?${query}`).message).toMatch(message));

  it('is told with the place and the address of its URI', () => {
    expect(errorOf('failover:(stomp://a,stomp://u:p@b?zzz=1)').message).toMatch(
      /^Broker URI 2 of 2 stomp:\/\/b:61613: unknown parameter "zzz"/,
    );
  });

  it('verifyHostName in both its spellings', () => {
    expect(errorOf('ssl://a?verifyHostName=true&socket.verifyHostName=true').message).toMatch(/the same option/);
  });
});

describe('an option of the list that is wrong', () => {
  it.each([
    ['randomize=yes', /randomize=yes is not allowed: randomize takes true or false/],
    ['randomize=TRUE', /takes true or false/],
    ['initialReconnectDelay=-1', /initialReconnectDelay=-1 is not allowed: .* a whole number from 0/],
    ['initialReconnectDelay=1.5', /whole number/],
    ['initialReconnectDelay=60000', /initialReconnectDelay \(60000 ms\) is above maxReconnectDelay \(30000 ms\)/],
    ['maxReconnectDelay=abc', /maxReconnectDelay=abc is not allowed: maxReconnectDelay takes a whole number from 1 to 2147483647/],
    ['maxReconnectDelay=0', /maxReconnectDelay=0 is not allowed/],
    ['maxReconnectDelay=2147483648', /is not allowed/],
    ['useExponentialBackOff=1', /true or false/],
    ['reconnectDelayExponent=0.5', /reconnectDelayExponent=0\.5 is not allowed: reconnectDelayExponent takes a number from 1\.0 to 1000/],
    ['reconnectDelayExponent=NaN', /takes a number/],
    ['backOffMultiplier=-2', /backOffMultiplier=-2 is not allowed/],
    ['backOffMultiplier=2&reconnectDelayExponent=2', /the same option/],
    ['maxReconnectAttempts=-2', /maxReconnectAttempts=-2 is not allowed: .* from -1/],
    ['startupMaxReconnectAttempts=many', /startupMaxReconnectAttempts=many is not allowed/],
    ['warnAfterReconnectAttempts=-5', /is not allowed/],
    ['timeout=-2', /timeout=-2 is not allowed/],
    ['timeout=3s', /timeout=3s is not allowed/],
    ['priorityBackup=on', /priorityBackup=on is not allowed/],
    ['priorityURIs=stomp://a', /no effect without priorityBackup=true/],
    ['priorityBackup=true&priorityURIs=', /lists no broker/],
    [
      'priorityBackup=true&priorityURIs=stomp://c',
      /stomp:\/\/c:61613, is not in the list of brokers: stomp:\/\/a:61613, stomp:\/\/b:61613/,
    ],
    ['priorityBackup=true&priorityURIs=c', /Member 1 of priorityURIs is not of the form/],
    ['randomize=true&randomize=true', /parameter "randomize" is given twice/],
    ['randomise=false', /unknown parameter "randomise"\. Did you mean "randomize"\?/],
    ['maxreconnectdelay=5', /Did you mean "maxReconnectDelay"\?/],
    ['zzz=1', /unknown parameter "zzz"\. Known parameters: randomize, .*priorityURIs, nested\.\*$/],
    ['nested.zzz=1', /Broker URI 1 of 2 \(with nested\.\* added\) stomp:\/\/a:61613: unknown parameter "zzz"/],
    ['nested.=1', /unknown parameter ""/],
    ['connectionTimeout=5', /write nested\.connectionTimeout=/],
    ['jms.prefetchPolicy.all=1', /listener option "prefetch"/],
    ['backup=true', /"backup" is not offered over STOMP.*only backup=false is accepted/],
    ['backupPoolSize=2', /"backupPoolSize" is not offered/],
    ['trackMessages=false', /only trackMessages=true is accepted/],
    ['maxCacheSize=1', /window of the template/],
    ['trackTransactionProducers=true', /"trackTransactionProducers" is not offered/],
    ['updateURIsSupported=true', /only updateURIsSupported=false is accepted/],
    ['updateURIsURL=file:/x', /"updateURIsURL" is not offered/],
    ['rebalanceUpdateURIs=true', /"rebalanceUpdateURIs" is not offered/],
    ['reconnectSupported=true', /"reconnectSupported" is not offered/],
    ['reconnectDelay=10', /set initialReconnectDelay/],
    ['randomize=false&amp;timeout=1', /holds "&amp;"/],
  ])('%s', (query, message) => expect(errorOf(`failover:(stomp://a,stomp://b)?${query}`).message).toMatch(message));
});
