import { ConnectError } from '../errors/index.js';
import type { BrokerUri } from './broker-uri.js';

/** Opens a session with one broker within its own deadline; it rejects, and closes what it opened, when the signal aborts. */
export type SessionOpener<S> = (uri: BrokerUri, signal: AbortSignal) => Promise<S>;

/**
 * Opens one session and stops waiting as soon as the signal aborts, even if the opener does not.
 *
 * @param discard takes a session that came too late
 * @throws ConnectError when aborted; else what the opener threw
 */
export function attempt<S>(open: SessionOpener<S>, uri: BrokerUri, signal: AbortSignal, discard?: (session: S) => void): Promise<S> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(stopped(signal));
      return;
    }
    const onAbort = (): void => reject(stopped(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    const onOpen = (session: S): void => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) discard?.(session);
      resolve(session);
    };
    const onFail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      reject(error);
    };
    // An opener may throw before it returns its promise: inside `then` that is a rejection like any other.
    Promise.resolve()
      .then(() => open(uri, signal))
      .then(onOpen, onFail);
  });
}

/** The error of an attempt that its owner called off; trying again is the owner's decision. */
export function stopped(signal: AbortSignal): ConnectError {
  return new ConnectError('Connecting was stopped before a session was open', { cause: signal.reason, retryable: false });
}

/** What an error says, in one line, without the password of the URI and without any userinfo. */
export function reasonOf(error: unknown, uri: BrokerUri): string {
  let text = describe(error)
    .replaceAll(/\/\/[^\s/@]*@/g, '//***@')
    .replaceAll(/\s+/g, ' ');
  for (const secret of [uri.password, uri.password && encodeURIComponent(uri.password)]) {
    if (secret) text = text.replaceAll(secret, '***');
  }
  return text;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  // Node's connect to a name with several addresses fails with an AggregateError that has no message of its own.
  if (error instanceof AggregateError) return error.errors.map(describe).join(', ');
  return error.name;
}
