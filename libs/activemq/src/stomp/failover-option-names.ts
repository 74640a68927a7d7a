/** The options that `failover:(...)?` takes, with ActiveMQ's names; `nested.*` besides. */
export const FAILOVER_OPTION_NAMES: readonly string[] = [
  'randomize',
  'initialReconnectDelay',
  'maxReconnectDelay',
  'useExponentialBackOff',
  'reconnectDelayExponent',
  'backOffMultiplier',
  'maxReconnectAttempts',
  'startupMaxReconnectAttempts',
  'warnAfterReconnectAttempts',
  'timeout',
  'priorityBackup',
  'priorityURIs',
];
