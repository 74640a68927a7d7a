/** How a consumer is protected: not at all, or by a store over one of the two clients. */
export type Protection = 'off' | 'redis' | 'ioredis';

/** What a consumer process is started with. */
export interface BenchSettings {
  readonly brokerUrl: string;
  readonly redisUrl: string;
  readonly queue: string;
  readonly protection: Protection;
}

/** What it took to take so many messages off the queue. */
export interface BenchReport {
  /** Microseconds of this process' processor time, user and system, per message. */
  readonly cpuPerMessage: number;
  readonly messagesPerSecond: number;
  readonly handled: number;
}
