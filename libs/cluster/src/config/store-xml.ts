import type { NodeConfiguration } from './broker-options.js';
import type { JdbcConfiguration, LevelDbConfiguration } from './store-options.js';
import { comment, element } from './xml.js';

/** The content of `<persistenceAdapter>`. */
export function storeXml(node: NodeConfiguration): string {
  const store = node.store ?? { kind: 'kahadb', directory: `${node.dataDirectory}/kahadb` };
  if (store.kind === 'kahadb') {
    return kahaDb(store.directory, node.lockAcquireSleepInterval);
  }
  return store.kind === 'jdbc' ? jdbc(node, store) : levelDb(store);
}

function kahaDb(directory: string, lockAcquireSleepInterval: number | undefined): string {
  const attributes = { directory, journalMaxFileLength: '8mb' };
  if (lockAcquireSleepInterval === undefined) {
    return text([comment('KahaDB: a journal on disk; a persistent send is confirmed once it is in there.'), element('kahaDB', attributes)]);
  }
  const shared = comment(
    'KahaDB in a folder that master and slaves share. Who holds the lock on its file "lock" is master; the others keep their connectors closed. ' +
      'The file system has to keep locks: a local disk, a SAN, NFS 4.',
  );
  const store = element('kahaDB', attributes, [
    comment('A slave tries to lock the store this often (ms); with the default of 10 s a failover takes that long.'),
    element('locker', {}, [element('shared-file-locker', { lockAcquireSleepInterval })]),
  ]);
  return text([shared, store]);
}

function jdbc({ nodeName, lockAcquireSleepInterval }: NodeConfiguration, { locker }: JdbcConfiguration): string {
  // A lease is renewed twice in its life; the row lock is only asked whether it is still there.
  const lockKeepAlivePeriod = lockAcquireSleepInterval && Math.max(1, Math.floor(lockAcquireSleepInterval / 2));
  const explanation = comment(
    'All messages are in the database; it decides who is master. lockKeepAlivePeriod (ms): how often the master renews its right or looks ' +
      'whether it still has it. createTablesOnStartup: the tables are made when they are missing; the warnings of a second start mean nothing.',
  );
  const store = element('jdbcPersistenceAdapter', { dataSource: '#database', createTablesOnStartup: true, lockKeepAlivePeriod }, [
    locker === 'lease'
      ? comment('The master renews a lease in the database; a slave takes over once the lease has run out (ms).')
      : comment('The master keeps a row locked; the database frees it when the connection of the master breaks.'),
    element('locker', {}, [
      locker === 'lease'
        ? element('lease-database-locker', { lockAcquireSleepInterval, leaseHolderId: nodeName })
        : element('database-locker', { lockAcquireSleepInterval }),
    ]),
  ]);
  return text([explanation, store]);
}

function levelDb({ directory, replicas, bind, hostname, zkAddress, zkPath }: LevelDbConfiguration): string {
  const explanation = comment(
    'Each broker has a copy. replicas: a send is confirmed when replicas/2 + 1 of them have it, and with fewer there is no service. ' +
      'bind: where a master serves its slaves; hostname: how they reach it. ZooKeeper elects below zkPath, which is the same for all, as is brokerName.',
  );
  const store = element('replicatedLevelDB', { directory, replicas, bind, hostname, zkAddress, zkPath });
  return text([explanation, store]);
}

function text(lines: readonly string[]): string {
  return lines.join('\n');
}

/** What stands beside `<broker>`: the pool of connections to the database. */
export function storeBeans({ store }: NodeConfiguration): string[] {
  if (store?.kind !== 'jdbc') {
    return [];
  }
  const properties = {
    driverClassName: 'org.postgresql.Driver',
    url: store.url,
    username: store.username,
    password: store.password,
    poolPreparedStatements: true,
    // A connection that died with the database is found out before a message is lost on it.
    validationQuery: 'SELECT 1',
    testOnBorrow: true,
    maxTotal: 20,
    maxWaitMillis: 10_000,
  };
  const bean = { id: 'database', class: 'org.apache.commons.dbcp2.BasicDataSource', 'destroy-method': 'close' };
  return [
    comment('The pool of connections to the database, which the store below names as #database.'),
    element(
      'bean',
      bean,
      Object.entries(properties).map(([name, value]) => element('property', { name, value })),
    ),
  ];
}

/** How the broker meets a store that fails: undefined leaves ActiveMQ's way, which is to stop. */
export function ioExceptionHandler({ store }: NodeConfiguration): string[] {
  if (store?.kind !== 'jdbc') {
    return [];
  }
  return [
    comment('Without the database the connectors close; the broker goes on when it is back and the lock is still its own.'),
    element('ioExceptionHandler', {}, [
      element('leaseLockerIOExceptionHandler', { stopStartConnectors: true, resumeCheckSleepPeriod: 500 }),
    ]),
  ];
}
