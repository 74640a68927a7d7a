import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectError } from '../errors/index.js';
import { parseBrokerUri } from './broker-uri.js';
import { reasonOf } from './failover-attempt.js';
import { FailoverBench, rejection } from './failover-bench.fixture.js';
import { parseBrokerUrl } from './failover-uri.js';

/** Characters that have a meaning in some part of a URL, and some that have none. */
const special = fc.string({ unit: fc.constantFrom(...Array.from('@:/?#&=,()[]%+ ;\n\\"<>.1é-')), maxLength: 4 });
const SECRET = 'Xy7secretQz';

/** A password with the secret in one piece somewhere, not percent-encoded. */
const password = fc.tuple(special, special).map(([before, after]) => `${before}${SECRET}${after}`);

const AROUND: readonly ((password: string) => string)[] = [
  (p) => `stomp://bob:${p}@host:61613`,
  (p) => `stomp://bob:${p}`,
  (p) => `stomp://bob:${p}@`,
  (p) => `stomp://bob:${p}@host:port?zzz=1`,
  (p) => `stomp:/bob:${p}@host`,
  (p) => `stomp:bob:${p}@host`,
  (p) => `stmop://bob:${p}@host`,
  (p) => `http://bob:${p}@host`,
  (p) => `bob:${p}@host:61613`,
  (p) => `stomp://bob:${p}@host?zzz=1`,
  (p) => `stomp://bob:${p}@host?connectionTimeout=abc`,
  (p) => `stomp://bob:${p}@host?keepAlive=true?password=${p}`,
  (p) => `stomp://host?jms.password=${p}`,
  (p) => `stomp://host?password=${p}`,
  (p) => `ssl://host?socket.keyStorePassword=${p}`,
  (p) => `failover:(stomp://bob:${p}@a,stomp://b)?randomize=false`,
  (p) => `failover:(stomp://a,stomp://bob:${p}@b)?zzz=1`,
  (p) => `failover:(stomp://a,stomp://bob:${p}@b`,
  (p) => `failover:stomp://bob:${p}@a,stomp://b?timeout=abc`,
  (p) => `failover:(stomp://a)?nested.jms.password=${p}`,
  (p) => `failover:(stomp://a,bob:${p}@b)`,
  (p) => `failover:(stomp://a)?priorityBackup=true&priorityURIs=stomp://bob:${p}@a`,
  (p) => `failover:(stomp://a)?priorityBackup=true&priorityURIs=stomp://bob:${p}@c`,
  // A raw "@" and a raw "," in the password: its first half looks like a host, or like a parameter.
  (p) => `failover:(stomp://a)?priorityBackup=true&priorityURIs=stomp://bob:x@${p},y@c`,
  (p) => `failover:(stomp://bob:1?${p}=,y@a,stomp://b)`,
  (p) => `failover:(stomp://a,failover:(stomp://bob:${p}@b))`,
];

/** Whether the text names the secret as its host (`user:@secret`) or as a parameter (`user:1?secret=`): then it is no password to any reader. */
function isAddress(text: string): boolean {
  return /^stomp:\/\/[^@]*@[\w.-]*Xy7secretQz/.test(text) || /^[^@]*\?(.*&)?\s*[\w.-]*Xy7secretQz[\w.-]*\s*=[^@]*$/s.test(text);
}

function shownBy(error: unknown): string {
  const seen: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) seen.push(at.message, at.stack ?? '', JSON.stringify(at));
  return seen.join('\n');
}

describe('a secret in a URL', () => {
  it.each(AROUND.map((make, index) => [make('***'), index] as const))('is in no error and no address: %s', (_, index) => {
    fc.assert(
      fc.property(password, (secret) => {
        const text = AROUND[index]?.(secret) ?? '';
        fc.pre(!isAddress(text));
        let shown: string;
        try {
          const url = parseBrokerUrl(text);
          shown = `${url.uris.join()} ${JSON.stringify(url)}`;
        } catch (error) {
          shown = shownBy(error);
        }
        expect(shown).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
  });

  it('is in no log line and no error of a connector, also when the opener says it', async () => {
    const secret = 'p@ss/Xy7';
    const encoded = encodeURIComponent(secret);
    const bench = new FailoverBench(`failover:(stomp://bob:${encoded}@a,stomp://b)?maxReconnectAttempts=1&randomize=false`);
    bench.brokers.set('a', new ConnectError(`cannot open stomp://bob:${encoded}@a with "${secret}" as password`));
    const error = await rejection(bench.connector.connect());
    const shown = [error.message, ...bench.lines].join('\n');
    expect(shown).toContain('stomp://a:61613: cannot open stomp://***@a with "***" as password');
    expect(shown).not.toMatch(/Xy7|bob/);
  });
});

describe('reasonOf', () => {
  const uri = parseBrokerUri('stomp://a');

  it.each([
    [new Error('two\n  lines'), 'two lines'],
    [
      new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]),
      'connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1',
    ],
    [new RangeError(''), 'RangeError'],
    ['a text', 'a text'],
  ])('says in one line what %s says', (error, reason) => expect(reasonOf(error, uri)).toBe(reason));
});
