import { Injectable } from '@nestjs/common';
import { ActiveMqConnection, type ConnectionState, JmsListenerEndpointRegistry, type JmsListenerContainer } from 'nestjs-activemq';

import { ConnectionHistory, type Failover } from './connection-history.js';

/** What `GET /status` tells of one listener. */
type ListenerStatus = Pick<JmsListenerContainer, 'id' | 'destination' | 'state' | 'activeHandlers' | 'unsettledMessages' | 'counts'>;

/** Answer of `GET /status`. */
export interface Status {
  readonly connection: {
    readonly state: ConnectionState;
    /** Without credentials; absent while there is no broker. */
    readonly brokerUri?: string;
    /** What the broker says it is. */
    readonly server?: string;
    readonly pendingSends: number;
    readonly resentMessages: number;
    /** ms since 1970. */
    readonly firstConnectedAt?: number;
  };
  /** Failovers that ended well, since the start. */
  readonly failovers: number;
  /** The newest ones, the newest first. */
  readonly recentFailovers: readonly Failover[];
  readonly listeners: readonly ListenerStatus[];
}

/** Knows how the application's connection and listeners are. */
@Injectable()
export class StatusService {
  constructor(
    private readonly connection: ActiveMqConnection,
    private readonly history: ConnectionHistory,
    private readonly registry: JmsListenerEndpointRegistry,
  ) {}

  /** How things are now. */
  get status(): Status {
    const { state, brokerUri, server, pendingSends, resentMessages } = this.connection;
    const { firstConnectedAt, completed, failovers } = this.history;
    return {
      connection: { state, brokerUri, server, pendingSends, resentMessages, firstConnectedAt },
      failovers: completed,
      recentFailovers: failovers,
      listeners: this.registry.getListenerContainers().map(({ id, destination, state, activeHandlers, unsettledMessages, counts }) => ({
        id,
        destination,
        state,
        activeHandlers,
        unsettledMessages,
        counts,
      })),
    };
  }
}
