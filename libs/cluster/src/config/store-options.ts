/** KahaDB in a folder; shared by the nodes of a master/slave pair. */
interface KahaDbConfiguration {
  readonly kind: 'kahadb';
  readonly directory: string;
}

/** How the brokers on one database agree on the master: a `lease` that the master renews, or a row `database` lock it holds open. */
export type JdbcLocker = 'lease' | 'database';

/** A PostgreSQL database. */
export interface JdbcConfiguration {
  readonly kind: 'jdbc';
  /** `jdbc:postgresql://host:port/name`. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly locker: JdbcLocker;
}

/** A LevelDB store, copied to a quorum of its replicas before a send is confirmed. */
export interface LevelDbConfiguration {
  readonly kind: 'leveldb';
  readonly directory: string;
  readonly replicas: number;
  /** Where the master serves its slaves, such as `tcp://127.0.0.1:61619`. */
  readonly bind: string;
  /** The name under which the other replicas reach this node. */
  readonly hostname: string;
  /** `host:port` of every ZooKeeper, with commas between. */
  readonly zkAddress: string;
  readonly zkPath: string;
}

/** Where a node keeps its messages. */
export type StoreConfiguration = KahaDbConfiguration | JdbcConfiguration | LevelDbConfiguration;
