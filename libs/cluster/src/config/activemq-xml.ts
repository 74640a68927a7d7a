import type { BrokerOptions, ConnectorOptions, NodeConfiguration, SystemUsageOptions } from './broker-options.js';
import { networkConnectors, networkPolicies } from './network-xml.js';
import { policyEntry } from './policy-entries.js';
import { ioExceptionHandler, storeBeans, storeXml } from './store-xml.js';
import { comment, element } from './xml.js';

const NAMESPACES = {
  xmlns: 'http://www.springframework.org/schema/beans',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  // Both schemas come out of the broker's own jars; without them the broker does not start.
  'xsi:schemaLocation':
    'http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd ' +
    'http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd',
};

const ABOUT_BROKER =
  'brokerName: master and slaves have the same one, as they are one broker to clients and networks. schedulerSupport: AMQ_SCHEDULED_* headers ' +
  'work. The elements are in alphabetical order, as the schema of 5.x wants them.';

/** Writes a readable `activemq.xml` for one node. Throws a RangeError when an option holds characters XML cannot carry. */
export function activemqXml(node: NodeConfiguration, options: BrokerOptions = {}): string {
  const broker = element(
    'broker',
    {
      xmlns: 'http://activemq.apache.org/schema/core',
      brokerName: node.brokerName,
      dataDirectory: node.dataDirectory,
      tmpDataDirectory: node.temporaryDirectory,
      useJmx: false,
      persistent: options.persistent ?? true,
      schedulerSupport: options.scheduler ?? true,
      ...options.brokerAttributes,
    },
    brokerChildren(node, options),
  );
  const head = comment(node.origin ?? `Node ${node.nodeName}, written by the cluster tool; the next cluster gets a new one.`);
  const children = [...placeholders(node), ...storeBeans(node), comment(ABOUT_BROKER), broker];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${element('beans', NAMESPACES, children)}\n`;
}

function placeholders(node: NodeConfiguration): string[] {
  const bean = 'org.springframework.beans.factory.config.PropertyPlaceholderConfigurer';
  return node.placeholders
    ? [
        comment('Replaces ${...} by Java system properties (activemq.data ...) and environment variables.'),
        element('bean', { class: bean }),
      ]
    : [];
}

/** The schema wants the broker's children in alphabetical order. */
function brokerChildren(node: NodeConfiguration, options: BrokerOptions): string[] {
  const children: string[] = [];
  if (options.destinationInterceptors?.length) {
    children.push(element('destinationInterceptors', {}, options.destinationInterceptors));
  }
  const policies = networkPolicies(node, options);
  if (policies.length > 0) {
    const entries = element('policyEntries', {}, policies.map(policyEntry));
    children.push(
      comment('What holds for which queues and topics; the most specific pattern wins.'),
      element('destinationPolicy', {}, [element('policyMap', {}, [entries])]),
    );
  }
  if (options.persistent ?? true) {
    children.push(...ioExceptionHandler(node));
  }
  if (node.network) {
    children.push(element('networkConnectors', {}, networkConnectors(node, options)));
  }
  if (options.persistent ?? true) {
    children.push(element('persistenceAdapter', {}, [storeXml(node)]));
  }
  children.push(element('plugins', {}, plugins(options)));
  if (options.ssl) {
    children.push(element('sslContext', {}, [element('sslContext', { ...options.ssl })]));
  }
  children.push(comment('At these limits producers are held up (producer flow control): a send is not confirmed until there is room.'));
  children.push(element('systemUsage', {}, [systemUsage(options.systemUsage ?? {})]));
  children.push(element('transportConnectors', {}, connectors(node, options)));
  return children;
}

function plugins(options: BrokerOptions): string[] {
  const users = options.users ?? [];
  const authentication =
    users.length === 0
      ? []
      : [
          comment('Who may connect. Passwords stand here in clear: keep this file to yourself.'),
          element('simpleAuthenticationPlugin', { anonymousAccessAllowed: options.anonymousAccessAllowed ?? false }, [
            element(
              'users',
              {},
              users.map(({ username, password, groups }) =>
                element('authenticationUser', { username, password, groups: groups ?? 'users' }),
              ),
            ),
          ]),
        ];
  return [
    ...authentication,
    ...(options.plugins ?? []),
    comment('Answers ActiveMQ.Statistics.* over any protocol: depths and consumers of queues without JMX.'),
    element('statisticsBrokerPlugin', {}),
  ];
}

function systemUsage(limits: SystemUsageOptions): string {
  const { sendFailIfNoSpace, sendFailIfNoSpaceAfterTimeout } = limits;
  const memory = limits.memory === undefined ? { percentOfJvmHeap: 70 } : { limit: limits.memory };
  return element('systemUsage', { sendFailIfNoSpace, sendFailIfNoSpaceAfterTimeout }, [
    element('memoryUsage', {}, [element('memoryUsage', memory)]),
    element('storeUsage', {}, [element('storeUsage', { limit: limits.store ?? '4gb' })]),
    element('tempUsage', {}, [element('tempUsage', { limit: limits.temp ?? '1gb' })]),
  ]);
}

function connectors(node: NodeConfiguration, options: BrokerOptions): string[] {
  return [
    comment('tcpNoDelay: without it a confirmed send waits about 40 ms for a delayed TCP acknowledgement.'),
    connector(node, { name: 'stomp', scheme: 'stomp', options: options.stompOptions }),
    connector(node, { name: 'openwire', scheme: 'tcp', options: options.openwireOptions }, node.network?.discoveryUri),
    ...(options.connectors ?? []).map((further) => connector(node, further)),
  ];
}

function portOf(node: NodeConfiguration, connectorName: string): number {
  const port = node.ports[connectorName];
  if (port === undefined) {
    throw new RangeError(`node ${node.nodeName} has no port for its connector '${connectorName}'`);
  }
  return port;
}

function connector(node: NodeConfiguration, { name, scheme, options }: ConnectorOptions, discoveryUri?: string): string {
  const parameters = Object.entries({ 'transport.tcpNoDelay': true, ...options })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`);
  const uri = `${scheme}://${node.host ?? '127.0.0.1'}:${portOf(node, name)}?${parameters.join('&')}`;
  return element('transportConnector', { name, uri, discoveryUri });
}
