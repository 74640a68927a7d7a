import { BrokerError } from '../../libs/activemq/src/errors/index.js';
import type { StompSession } from '../../libs/activemq/src/stomp/stomp-session.js';
import { ERROR } from './selectors.fixture.js';

const TOPIC = '/topic/selectors';
const FENCE = '/topic/selectors.fence';

/** Headers of messages, by the name of the message. */
export type NamedMessages = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Tries selectors on a broker, one after the other, over one STOMP session. */
export class SelectorBench {
  readonly session: StompSession;
  #fences = 0;
  #subscriptions = 0;
  #onFence: () => void = () => undefined;

  private constructor(session: StompSession) {
    this.session = session;
  }

  /** Takes a session over. */
  static async open(session: StompSession): Promise<SelectorBench> {
    const bench = new SelectorBench(session);
    await session.subscribe('fence', { destination: FENCE }, ({ headers }) => {
      if (headers['fence'] === String(bench.#fences)) bench.#onFence();
    });
    return bench;
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.session.disconnect();
  }

  /**
   * Sends the messages to a topic subscribed to with this selector: the names of those that came, then, if there are any, of those whose
   * SEND was answered with ERROR; or {@link ERROR} alone when the SUBSCRIBE was.
   */
  async select(selector: string, messages: NamedMessages): Promise<string[]> {
    const id = `selector-${++this.#subscriptions}`;
    const selected: string[] = [];
    try {
      await this.session.subscribe(id, { destination: TOPIC, selector }, ({ headers }) => selected.push(headers['message'] ?? 'unnamed'));
    } catch (error) {
      if (error instanceof BrokerError) return [ERROR];
      throw error;
    }
    const names = Object.keys(messages);
    const sends = names.map((message) => this.session.request('SEND', { ...messages[message], destination: TOPIC, message }));
    const outcomes = await Promise.allSettled(sends);
    await this.#fence();
    await this.session.unsubscribe(id);
    const failing = names.filter((_, index) => {
      const outcome = outcomes[index];
      if (outcome?.status !== 'rejected') return false;
      if (!(outcome.reason instanceof BrokerError)) throw outcome.reason;
      return true;
    });
    return failing.length === 0 ? [selected.join(' ')] : [selected.join(' '), failing.join(' ')];
  }

  /** The names of the messages on a queue that a browser with this selector is shown. */
  async browse(destination: string, selector: string): Promise<string[]> {
    const id = `browser-${++this.#subscriptions}`;
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      this.session
        .subscribe(id, { destination, selector, browser: 'true' }, ({ headers }) => {
          if (headers['browser'] === 'end') resolve();
          else seen.push(headers['message'] ?? 'unnamed');
        })
        .catch(reject);
    });
    await this.session.unsubscribe(id);
    return seen;
  }

  /** A broker dispatches to one connection in order: when this resolves, everything selected before has arrived. */
  async #fence(): Promise<void> {
    this.#fences++;
    const passed = new Promise<void>((resolve) => (this.#onFence = resolve));
    this.session.write('SEND', { destination: FENCE, fence: String(this.#fences) });
    await passed;
  }
}
