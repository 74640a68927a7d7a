/** A PostgreSQL server of the cluster's own. */
export interface DatabaseDescription {
  readonly kind: 'database';
  readonly name: string;
  /** Where it listens; default `127.0.0.1`. */
  readonly host?: string;
  readonly ports: { readonly postgresql: number };
  /** Folder of `postgres` and `initdb`. */
  readonly programs: string;
  /** Whom it runs as, when it may not run as us: PostgreSQL refuses root. */
  readonly user?: string;
}

/** One ZooKeeper of an ensemble. */
export interface ZooKeeperDescription {
  readonly kind: 'zookeeper';
  readonly name: string;
  /** Where it listens; default `127.0.0.1`. */
  readonly host?: string;
  readonly ports: { readonly client: number; readonly quorum: number; readonly election: number };
  /** Java class path of the server. */
  readonly classPath: string;
}

/** What a topology needs beside its brokers. */
export type ServiceDescription = DatabaseDescription | ZooKeeperDescription;
