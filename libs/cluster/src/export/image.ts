import { DRIVER } from '../provision/jdbc-driver.js';
import { CONTAINER_HOME, type ExportPlan } from './export-plan.js';

/** What the brokers' image is built from; undefined where the official image does. */
export function dockerfile({ topology, version }: ExportPlan): string | undefined {
  if (topology === 'jdbc') {
    return [
      `FROM apache/activemq-classic:${version}`,
      "# PostgreSQL's JDBC driver, which has to lie beside this file; ActiveMQ brings the connection pool.",
      `COPY postgresql-${DRIVER}.jar ${CONTAINER_HOME}/lib/extra/`,
      '',
    ].join('\n');
  }
  if (topology !== 'replicated-leveldb') {
    return undefined;
  }
  return [
    '# No official image is as old as the last ActiveMQ with this store, and its ZooKeeper client fails on Java 14 and newer (ZOOKEEPER-3779).',
    'FROM eclipse-temurin:11-jre',
    '# The official distribution, which has to lie beside this file.',
    `ADD apache-activemq-${version}-bin.tar.gz /opt/`,
    `RUN ln -s /opt/apache-activemq-${version} ${CONTAINER_HOME}`,
    `CMD ["${CONTAINER_HOME}/bin/activemq", "console"]`,
    '',
  ].join('\n');
}

/** For a database server that is there already; in the Compose file's own one nothing has to be done. */
export function databaseSql(): string {
  return [
    '-- A user and a database for the brokers, on a PostgreSQL server of your own: psql --set=password=... --file=activemq.sql',
    '-- The tables (ACTIVEMQ_MSGS, ACTIVEMQ_ACKS, ACTIVEMQ_LOCK) are made by the first broker (createTablesOnStartup).',
    '-- Then change url and username in each activemq.xml.',
    "CREATE ROLE activemq LOGIN PASSWORD :'password';",
    'CREATE DATABASE activemq OWNER activemq;',
    '',
  ].join('\n');
}
