/** Where a {@link FailoverConnector} tells what it does, in ActiveMQ's words; Nest's `Logger` is one. It is never given credentials. */
export interface FailoverLogger {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
}
