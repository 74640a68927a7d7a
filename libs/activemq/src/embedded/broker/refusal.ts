const PROTOCOL_EXCEPTION = 'org.apache.activemq.transport.stomp.ProtocolException';

/** What an ERROR frame answers besides its text. */
export interface RefusalOptions {
  /** The Java exception ActiveMQ throws here; default its STOMP ProtocolException. */
  readonly javaClass?: string;
  /** The text of that exception where it differs from the `message` header. */
  readonly detail?: string;
  /** Whether the connection is closed behind the ERROR frame; default `false`. */
  readonly closes?: boolean;
}

/** The broker refuses one command with an ERROR frame. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly javaClass: string;
  readonly detail: string;
  readonly closes: boolean;

  constructor(message: string, options: RefusalOptions = {}) {
    super(message);
    this.javaClass = options.javaClass ?? PROTOCOL_EXCEPTION;
    this.detail = options.detail ?? message;
    this.closes = options.closes ?? false;
  }
}

/** The broker closes a connection without a word, where ActiveMQ trips over its own exception. */
export class ConnectionDrop extends Error {
  override readonly name = 'ConnectionDrop';
}
