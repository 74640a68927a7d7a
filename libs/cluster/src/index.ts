export { Cluster } from './cluster.js';
export type { ClusterDescription, NodeDescription } from './cluster-description.js';
export type { ClusterNode, NodeState, NodeStatus } from './cluster-node.js';
export type { ClusterOptions, ClusterTopology } from './cluster-options.js';
export { activemqXml } from './config/activemq-xml.js';
export type {
  BrokerOptions,
  BrokerSslOptions,
  BrokerUser,
  ConnectorOptions,
  DeadLetterStrategyOptions,
  NodeConfiguration,
  NodePorts,
  PolicyEntryOptions,
  SystemUsageOptions,
} from './config/broker-options.js';
export { ClusterError, type ClusterErrorCode } from './errors.js';
export type { BrokerDistribution, DistributionSource } from './provision/distribution.js';
export { provisionBroker, type ProvisionOptions } from './provision/provision.js';
export { startCluster } from './start-cluster.js';
export { probeStomp, type ProbeCredentials, type ProbeResult } from './stomp-probe.js';
