import { Injectable } from '@nestjs/common';
import { ActiveMqConnection } from 'nestjs-activemq';

/** Failovers whose story is kept; the older ones are only counted. */
const MOST_FAILOVERS = 50;

/** One loss of the broker and what followed. */
export interface Failover {
  /** 1 for the first one since the start. */
  readonly number: number;
  /** ms since 1970. */
  readonly interruptedAt: number;
  /** The broker that was lost. */
  readonly from: string;
  readonly reason: string;
  /** The broker that took over; absent while there is none. */
  readonly to?: string;
  /** ms without a broker; absent while there is none. */
  readonly duration?: number;
}

/** Remembers when the application was connected, and each failover; bounded. */
@Injectable()
export class ConnectionHistory {
  #firstConnectedAt: number | undefined;
  #failovers: readonly Failover[] = [];
  #resumed = 0;
  #interrupted = 0;

  constructor(connection: ActiveMqConnection) {
    // Before the connection starts, so that nothing is missed; it lives as long as this does.
    connection.on('connected', () => (this.#firstConnectedAt ??= Date.now()));
    connection.on('interrupted', ({ brokerUri, reason }) => this.#begin(brokerUri, reason.message));
    connection.on('resumed', ({ brokerUri, interruptedFor }) => this.#end(brokerUri, interruptedFor));
  }

  /** When the first broker answered, in ms since 1970. */
  get firstConnectedAt(): number | undefined {
    return this.#firstConnectedAt;
  }

  /** Failovers that ended well, since the start. */
  get completed(): number {
    return this.#resumed;
  }

  /** The newest failovers, the newest first; one that still lasts has no `duration`. */
  get failovers(): readonly Failover[] {
    return this.#failovers;
  }

  #begin(from: string, reason: string): void {
    const failover = { number: ++this.#interrupted, interruptedAt: Date.now(), from, reason };
    this.#failovers = [failover, ...this.#failovers].slice(0, MOST_FAILOVERS);
  }

  #end(to: string, interruptedFor: number): void {
    this.#resumed++;
    const [newest, ...others] = this.#failovers;
    if (newest) this.#failovers = [{ ...newest, to, duration: Math.round(interruptedFor) }, ...others];
  }
}
