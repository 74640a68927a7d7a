/**
 * Where a listener stands: `stopped`; `starting` until the broker has registered its subscription, for the first time or after a failover;
 * `running`; `paused`; `stopping` while handlers finish.
 */
export type JmsListenerState = 'stopped' | 'starting' | 'running' | 'paused' | 'stopping';
