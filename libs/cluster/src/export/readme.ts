import { documentedPorts } from '../port-plan.js';
import { DRIVER } from '../provision/jdbc-driver.js';
import { type ClusterTopology, isNetworked } from '../topologies.js';
import { type ExportPlan } from './export-plan.js';

const ABOUT: Readonly<Record<ClusterTopology, string>> = {
  single: 'One broker.',
  'shared-file': 'Master and slaves on one KahaDB folder, here a volume: who has the lock is master, the others keep their ports closed.',
  jdbc: 'Master and slaves on one PostgreSQL database, which decides who is master; the others keep their ports closed.',
  'network-static': 'Brokers that forward messages to where the consumers are, each with a list of the others.',
  'network-multicast': 'Brokers that forward messages to where the consumers are; they find each other.',
  combined: 'broker1 networked with broker2 and broker3, which are master and slave on one KahaDB folder, here a volume.',
  'replicated-leveldb': 'Each broker has a copy of the store; three ZooKeepers elect the master.',
};

/** What stands in the folder, how to start it, and what to try. */
export function readme(plan: ExportPlan): string {
  const { topology, version, nodes } = plan;
  const ports = nodes.map((_, index) => documentedPorts(index, []));
  return [
    `# ${topology}: ${nodes.length} ${nodes.length === 1 ? 'broker' : 'brokers'}, ActiveMQ ${version}`,
    '',
    ABOUT[topology],
    '',
    '## Start',
    '',
    ...before(plan),
    '```sh',
    'docker compose up --detach',
    'docker compose logs --follow broker1',
    'docker compose down --volumes   # the data too',
    '```',
    '',
    'Clients on this machine:',
    '',
    '```',
    `STOMP     failover:(${ports.map(({ stomp }) => `stomp://127.0.0.1:${stomp}`).join(',')})?randomize=false`,
    `OpenWire  failover:(${ports.map(({ openwire }) => `tcp://127.0.0.1:${openwire}`).join(',')})?randomize=false`,
    '```',
    '',
    ...trials(topology),
    '## Without Docker',
    '',
    `Unpack apache-activemq-${version} on each machine, put its \`activemq.xml\` into \`conf/\`, and let the names \`broker1\`${namesOf(plan)} resolve to the machines.`,
    '`${activemq.data}` is where `bin/activemq` says; brokers with a common store need a folder there that all of them mount, on a file system that keeps locks.',
    '',
    '## Mind',
    '',
    '- The brokers ask nobody for a name and a password, so the Compose file opens their ports on 127.0.0.1 only. Elsewhere add `simpleAuthenticationPlugin` or JAAS.',
    '- The XML leaves the web console out; the `statisticsBrokerPlugin` answers over STOMP what the console shows.',
    '',
  ].join('\n');
}

function before({ topology, version }: ExportPlan): string[] {
  if (topology === 'jdbc') {
    return [
      `The driver first: \`mvn dependency:copy -Dartifact=org.postgresql:postgresql:${DRIVER} -DoutputDirectory=broker\`. \`.env\` has the password, made for you alone.`,
      '',
    ];
  }
  if (topology === 'replicated-leveldb') {
    return [`Put \`apache-activemq-${version}-bin.tar.gz\` into \`broker/\` first; it is in ActiveMQ's archive of releases.`, ''];
  }
  return [];
}

function trials(topology: ClusterTopology): string[] {
  if (topology === 'single') {
    return [];
  }
  const kill = isNetworked(topology)
    ? 'its clients go to another broker, its messages wait for it'
    : 'when it was the master, another broker is a moment later';
  return [
    '## Try',
    '',
    '```sh',
    `docker compose kill broker1      # ${kill}`,
    'docker compose start broker1',
    'docker compose pause broker1     # it keeps its connections and its lock, and says nothing',
    'docker compose unpause broker1',
    'docker network disconnect "$(basename "$PWD")_default" "$(docker compose ps --quiet broker1)"   # off the network',
    '```',
    '',
  ];
}

function namesOf({ nodes, services }: ExportPlan): string {
  return [...nodes.slice(1), ...services].map(({ name }) => `, \`${name}\``).join('');
}
