/** What a parser takes from a peer before it refuses the connection. */
export interface FrameLimits {
  /** Bytes of one header line, without its end of line. ActiveMQ's own limit is 10 KiB. */
  readonly maxHeaderLength: number;
  /** Header lines of one frame, repeated ones counted. ActiveMQ's own limit is 1000. */
  readonly maxHeaders: number;
  /** Bytes of one body. ActiveMQ's own limit is 100 MiB. */
  readonly maxBodyLength: number;
}

/** The defaults: above whatever an ActiveMQ with its own defaults can send, so that no message it accepted is refused here. */
export const DEFAULT_FRAME_LIMITS: FrameLimits = {
  maxHeaderLength: 64 * 1024,
  maxHeaders: 2000,
  maxBodyLength: 101 * 1024 * 1024,
};
