import { documentedPorts } from '../port-plan.js';
import { sharesStore } from '../topologies.js';
import { type ExportPlan, CONTAINER_HOME, DATABASE_PASSWORD } from './export-plan.js';

/** `compose.yaml` of the exported cluster. */
export function composeYaml(plan: ExportPlan): string {
  const services = [...plan.services.map((service) => serviceYaml(service)), ...plan.nodes.map((_, index) => brokerYaml(plan, index))];
  const volumes = [...new Set([...plan.nodes.map(({ name }) => volumeOf(plan, name)), ...plan.services.map(({ name }) => `${name}-data`)])];
  return [
    `# ${plan.topology}, ActiveMQ ${plan.version}: docker compose up --detach. README.md says the rest.`,
    'services:',
    ...services.flat(),
    'volumes:',
    ...volumes.map((name) => `  ${name}: {}`),
    '',
  ].join('\n');
}

function brokerYaml(plan: ExportPlan, index: number): string[] {
  const name = plan.nodes[index]?.name ?? '';
  const { stomp, openwire } = documentedPorts(index, []);
  const database = plan.topology === 'jdbc';
  const waits = plan.services.map((service) => service.name);
  return [
    `  ${name}:`,
    ...(plan.buildsImage ? ['    build: ./broker'] : [`    image: apache/activemq-classic:${plan.version}`]),
    `    hostname: ${name}`,
    // A broker that lost its database may end: somebody has to start it again.
    '    restart: unless-stopped',
    ...(waits.length === 0 ? [] : [`    depends_on: [${waits.join(', ')}]`]),
    ...(database ? ['    environment:', `      ${DATABASE_PASSWORD}: \${${DATABASE_PASSWORD}:?see .env}`] : []),
    '    ports:',
    '      # STOMP, OpenWire. On this machine only: the brokers ask nobody for a password.',
    `      - "127.0.0.1:${stomp}:61613"`,
    `      - "127.0.0.1:${openwire}:61616"`,
    '    volumes:',
    `      - ./${name}/activemq.xml:${CONTAINER_HOME}/conf/activemq.xml:ro`,
    `      - ${volumeOf(plan, name)}:${CONTAINER_HOME}/data`,
  ];
}

function serviceYaml({ name, kind }: ExportPlan['services'][number]): string[] {
  if (kind === 'zookeeper') {
    return [
      `  ${name}:`,
      '    image: zookeeper:3.5',
      `    hostname: ${name}`,
      '    restart: unless-stopped',
      '    environment:',
      `      ZOO_MY_ID: ${name.slice('zookeeper'.length)}`,
      '    volumes:',
      `      - ./${name}/zoo.cfg:/conf/zoo.cfg:ro`,
      `      - ${name}-data:/data`,
    ];
  }
  return [
    `  ${name}:`,
    '    image: postgres:15',
    `    hostname: ${name}`,
    '    restart: unless-stopped',
    '    environment:',
    `      POSTGRES_PASSWORD: \${${DATABASE_PASSWORD}:?see .env}`,
    '    volumes:',
    `      - ${name}-data:/var/lib/postgresql/data`,
  ];
}

/** Brokers on one file system have one volume. */
function volumeOf({ topology }: ExportPlan, node: string): string {
  return ['shared-file', 'combined'].includes(topology) && sharesStore(topology, node) ? 'shared-data' : `${node}-data`;
}
