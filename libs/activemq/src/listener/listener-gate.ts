import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { AttemptGate } from '../delivery/attempt-gate.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** What the gates of one connection's listeners share, such as a store; made by a {@link ListenerGateRoom}. */
export interface ListenerGates {
  /**
   * The gate of one listener.
   *
   * @throws ConfigurationError naming the listener, the option and the cure
   */
  create(listener: GuardedEndpoint): AttemptGate;
  /**
   * Looks whether what the gates need is there; called when the application has booted, before any listener starts.
   *
   * @param startup as in the module's options: `background` lets the listeners wait, `wait` waits here, `fail` throws
   * @throws ConfigurationError when it is there and not usable, whatever `startup` says
   */
  start(startup: 'background' | 'wait' | 'fail'): Promise<void>;
  /** Ends what it opened; called when no listener runs any more. */
  stop(): Promise<void>;
}

/** A listener for which a gate is made. */
export interface GuardedEndpoint {
  readonly endpoint: JmsListenerEndpoint;
  readonly clientId: string | undefined;
  /** What its decorators and interceptors say, in the order in which later ones win. */
  readonly options: readonly object[];
}

/** What {@link ListenerGateRoom.open} works with. */
export interface ListenerGatesContext {
  /** Names the module's options in errors. */
  readonly where: string;
  /** What the module's options hold for this room, unchecked; `undefined` when they say nothing. */
  readonly options: unknown;
  readonly logger: ConnectionLogger;
  /** Whether the broker keeps messages back for a time (`schedulerSupport`); asks it, unless it was asked before. */
  readonly hasScheduler: () => Promise<boolean>;
}

/**
 * A room that guards listeners: it stands in the metadata that its decorators write, so the core finds it without knowing it, and an application that
 * uses none loads none.
 */
export interface ListenerGateRoom {
  /** @throws ConfigurationError when the module's options for it are wrong */
  open(context: ListenerGatesContext): ListenerGates;
}
