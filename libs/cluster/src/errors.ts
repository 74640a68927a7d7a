/** What went wrong, in one word a program can switch on. */
export type ClusterErrorCode =
  | 'BAD_OPTION'
  | 'NO_BROKER'
  | 'NO_DATABASE'
  | 'NO_MULTICAST'
  | 'NO_NAMESPACES'
  | 'PORT_TAKEN'
  | 'START_FAILED'
  | 'START_TIMEOUT'
  | 'NO_MASTER'
  | 'UNKNOWN_NODE'
  | 'WRONG_STATE'
  | 'NO_CLUSTER'
  | 'BAD_STATE_FILE';

/** Every error of this tool: the message names the thing, and ends with the cure. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';

  constructor(
    readonly code: ClusterErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
