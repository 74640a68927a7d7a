import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { deferred, type Deferred } from '../../support/deferred.js';

const run = promisify(execFile);

const JARS = '/usr/share/java';
const SOURCE = fileURLToPath(new URL('./peer/SpringPeer.java', import.meta.url));

/** Spring 4.3, ActiveMQ's client, Jackson and what they need, all of which Debian's package of ActiveMQ depends on. */
const NEEDED = [
  'spring3-core',
  'spring3-beans',
  'spring3-context',
  'spring3-aop',
  'spring3-expression',
  'spring3-messaging',
  'spring3-transaction',
  'spring3-jms',
  'commons-logging',
  'activemq-client',
  'geronimo-jms_1.1_spec',
  'geronimo-j2ee-management-1.1-spec',
  'hawtbuf',
  'slf4j-api',
  'slf4j-nop',
  'jackson-core',
  'jackson-annotations',
  'jackson-databind',
].map((name) => `${JARS}/${name}.jar`);
/** The JRE has no compiler, and the peer is run from its source. */
const PACKAGES = ['libactivemq-java', 'default-jdk-headless'];

/** Finds what the peer needs, and installs the Debian packages when this is root. Resolves with the versions; an error says what to do. */
export async function provisionSpringPeer(progress: (line: string) => void = () => undefined): Promise<string> {
  if ((await whyMissing()) !== undefined && process.getuid?.() === 0) {
    progress(`Installing the Debian packages ${PACKAGES.join(', ')} with apt-get ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...PACKAGES];
    await run('apt-get', install, { env }).catch(async () => {
      await run('apt-get', ['update'], { env });
      await run('apt-get', install, { env });
    });
  }
  const missing = await whyMissing();
  if (missing !== undefined) throw new Error(`${missing}. Cure: as root, apt-get install ${PACKAGES.join(' ')}`);
  return `jars in ${JARS}, and a Java compiler`;
}

async function whyMissing(): Promise<string | undefined> {
  for (const jar of NEEDED) {
    const isThere = await access(jar).then(
      () => true,
      () => false,
    );
    if (!isThere) return `There is no ${jar}`;
  }
  const { stdout } = await run('java', ['--list-modules']).catch(() => ({ stdout: '' }));
  return stdout.includes('jdk.compiler@') ? undefined : 'The java on the PATH has no compiler (module jdk.compiler)';
}

/** A message as Java sees it. */
export interface JavaMessage {
  readonly kind?: 'TextMessage' | 'BytesMessage' | 'MapMessage' | 'StreamMessage' | 'ObjectMessage';
  /** Text, base64 of bytes, or what the message holds. */
  readonly body: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly redelivered: boolean;
  /** `JMSXDeliveryCount`. */
  readonly deliveryCount: number;
  /** `JMSXGroupID`. */
  readonly group: string | null;
  readonly correlationId: string | null;
  readonly type: string | null;
  readonly priority: number;
  readonly persistent: boolean;
  readonly expiration: number;
  readonly messageId: string;
}

/** A message for Java to send. */
export interface JavaSend {
  readonly destination: string;
  readonly kind?: JavaMessage['kind'] | 'Message';
  readonly body?: string;
  /** Numbers become `int` properties. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  readonly correlationId?: string;
  readonly type?: string;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A Spring application in a JVM of its own: `JmsTemplate`, `@JmsListener` and ActiveMQ's client over OpenWire. It ends with this process. */
export class SpringPeer {
  readonly #waiting = new Map<number, Deferred<unknown>>();
  readonly #child;
  #lastId = 0;

  private constructor(child: ReturnType<typeof startJava>) {
    this.#child = child;
  }

  /** Starts it; resolves when its listeners are there. */
  static async start(openwireUrl: string): Promise<SpringPeer> {
    const peer = new SpringPeer(startJava(openwireUrl));
    const ready = deferred<unknown>();
    peer.#waiting.set(0, ready);
    createInterface({ input: peer.#child.stdout }).on('line', (line) => peer.#onAnswer(JSON.parse(line) as Answer));
    peer.#child.once('exit', (code, signal) => {
      for (const waiting of peer.#waiting.values()) waiting.reject(new Error(`The Java peer ended: ${String(signal ?? code)}`));
    });
    await ready.promise;
    return peer;
  }

  /** Sends with `JmsTemplate.send`. */
  async send(message: JavaSend): Promise<void> {
    await this.#order({ do: 'send', ...message });
  }

  /** Sends an `Order` through `MappingJackson2MessageConverter`, under the type id `order` in the property `_type`. */
  async convertAndSend(destination: string, order: { id: string; total: number }, target: 'TEXT' | 'BYTES' = 'TEXT'): Promise<void> {
    await this.#order({ do: 'convertAndSend', destination, order, target });
  }

  /** Takes a message with `JmsTemplate.receive`, or `receiveSelected`; `null` when none came in time. */
  receive(destination: string, options: { selector?: string; timeout?: number } = {}): Promise<JavaMessage | null> {
    return this.#order({ do: 'receive', destination, ...options });
  }

  /** Takes a message through `MappingJackson2MessageConverter`, which needs a type id that it knows. */
  receiveAndConvert(destination: string): Promise<{ readonly class: string; readonly value: unknown }> {
    return this.#order({ do: 'receiveAndConvert', destination });
  }

  /** A request with `JmsTemplate.sendAndReceive`, and its reply. */
  sendAndReceive(message: JavaSend): Promise<JavaMessage | null> {
    return this.#order({ do: 'sendAndReceive', ...message });
  }

  /** Makes a durable subscription and leaves it. */
  async subscribe(topic: string, clientId: string, subscription: string): Promise<void> {
    await this.#order({ do: 'subscribe', destination: topic, clientId, subscription });
  }

  /** Takes a message from a durable subscription and leaves it. */
  receiveFromSubscription(topic: string, clientId: string, subscription: string): Promise<JavaMessage | null> {
    return this.#order({ do: 'receiveFromSubscription', destination: topic, clientId, subscription });
  }

  /** Has two consumers take `count` messages; who took which. */
  consume(destination: string, count: number): Promise<readonly (JavaMessage & { readonly consumer: number })[]> {
    return this.#order({ do: 'consume', destination, count });
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    await exited;
  }

  async #order<T>(order: object): Promise<T> {
    const id = ++this.#lastId;
    const answer = deferred<unknown>();
    this.#waiting.set(id, answer);
    this.#child.stdin.write(`${JSON.stringify({ id, ...order })}\n`);
    return (await answer.promise) as T;
  }

  #onAnswer({ id = 0, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }
}

/** From source: one JVM compiles and runs it. Spring 4.3 looks into `java.lang` for its class loaders. */
function startJava(openwireUrl: string) {
  const quiet = '-Dorg.apache.commons.logging.Log=org.apache.commons.logging.impl.NoOpLog';
  const options = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '--add-opens', 'java.base/java.lang=ALL-UNNAMED', quiet];
  return spawn('java', [...options, '-cp', NEEDED.join(':'), SOURCE, openwireUrl], { stdio: ['pipe', 'pipe', 'inherit'] });
}
