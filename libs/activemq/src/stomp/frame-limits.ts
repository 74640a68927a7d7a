/** What a parser takes from a peer before it refuses the connection. */
export interface FrameLimits {
  /** Bytes of one header line, without its end of line. ActiveMQ's own limit is 10 KiB. */
  readonly maxHeaderLength: number;
  /** Header lines of one frame, repeated ones counted. ActiveMQ's own limit is 1000. */
  readonly maxHeaders: number;
  /** Bytes of one body. ActiveMQ's own limit is 100 MiB. */
  readonly maxBodyLength: number;
}

/**
 * The defaults: far above what a STOMP sender can get past ActiveMQ. A Java producer has no such bounds, and a message refused here would come back
 * and end the connection each time.
 */
export const DEFAULT_FRAME_LIMITS: FrameLimits = {
  maxHeaderLength: 16 * 1024 * 1024,
  maxHeaders: 100_000,
  maxBodyLength: 101 * 1024 * 1024,
};
