export { Cluster } from './cluster.js';
export type { ClusterDescription, NodeDescription } from './cluster-description.js';
export type { ClusterNode, NodeStatus } from './cluster-node.js';
export type { ClusterOptions } from './cluster-options.js';
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
export { type DeadLetterPolicy, deadLetterPolicyEntries } from './config/dead-letter-policy.js';
export type { JdbcLocker } from './config/store-options.js';
export { ClusterError, type ClusterErrorCode } from './errors.js';
export { exportCluster } from './export/export-cluster.js';
export type { ExportOptions } from './export/export-plan.js';
export type { NodeState } from './managed-node.js';
export type { BrokerDistribution, DistributionSource } from './provision/distribution.js';
export { provisionBroker, type ProvisionOptions } from './provision/provision.js';
export type { QueueStatistics } from './queue-statistics.js';
export type { ReplicaStatus } from './service/replicas.js';
export type { ServiceStatus } from './service/service-node.js';
export { startCluster } from './start-cluster.js';
export { probeStomp, type ProbeCredentials, type ProbeResult } from './stomp-probe.js';
export { stuckText, type StuckQueue } from './stuck-queues.js';
export { type ClusterTopology, TOPOLOGIES } from './topologies.js';
