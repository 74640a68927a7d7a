/** Where a broker came from. */
export type DistributionSource = 'ACTIVEMQ_HOME' | 'maven' | 'debian' | 'docker';

/** An ActiveMQ that can be started on this machine. */
export interface BrokerDistribution {
  /** Only for Artemis; everything else is ActiveMQ Classic. */
  readonly product?: 'artemis';
  /** Such as `5.17.2`. */
  readonly version: string;
  readonly source: DistributionSource;
  /** Folder the broker was found in. */
  readonly home: string;
  /** The Java program that runs it. */
  readonly java: string;
  /** Java class path with the broker and the OpenWire client (`org.apache.activemq.ActiveMQConnectionFactory`), ready for `java -cp`. */
  readonly classPath: string;
}

/** What a source answers: a broker, or why it has none and what would help. */
export type SourceAnswer = { readonly found: true; readonly distribution: BrokerDistribution } | SourceRefusal;

/** Why a source has no broker, and what would help. */
export interface SourceRefusal {
  readonly found: false;
  readonly why: string;
  readonly cure: string;
}

/** Shorthand for a source that has no broker. */
export function none(why: string, cure: string): SourceRefusal {
  return { found: false, why, cure };
}
