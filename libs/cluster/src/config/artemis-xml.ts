import type { NodePorts } from './broker-options.js';
import { comment, element, escapeXml } from './xml.js';

/** What differs between two Artemis brokers. */
export interface ArtemisConfiguration {
  readonly nodeName: string;
  readonly host: string;
  readonly ports: NodePorts;
  readonly dataDirectory: string;
  /** Absolute path of the `broker.xml` that is written. */
  readonly brokerXml: string;
}

/** The files of an Artemis broker's `etc` folder, by name. */
export function artemisFiles(configuration: ArtemisConfiguration): Readonly<Record<string, string>> {
  return {
    'broker.xml': brokerXml(configuration),
    'bootstrap.xml': `${element('broker', { xmlns: 'http://activemq.apache.org/schema' }, [
      comment('Artemis wants to be told who knows the users, also when nobody is asked for a password.'),
      element('jaas-security', { domain: 'activemq' }),
      element('server', { configuration: `file:${configuration.brokerXml}` }),
    ])}\n`,
    'management.xml': `${element('management-context', { xmlns: 'http://activemq.apache.org/schema' })}\n`,
  };
}

function brokerXml({ nodeName, host, ports, dataDirectory }: ArtemisConfiguration): string {
  const folder = (name: string): string => text(`${name}-directory`, `${dataDirectory}/${name}`);
  const acceptor = (name: string, port: number, protocol: string): string =>
    `<acceptor name="${name}">tcp://${host}:${port}?protocols=${protocol};tcpNoDelay=true;anycastPrefix=/queue/;multicastPrefix=/topic/</acceptor>`;
  const core = element('core', { xmlns: 'urn:activemq:core' }, [
    text('name', nodeName),
    text('security-enabled', 'false'),
    comment('Plain files: the faster ASYNCIO needs a library of the system.'),
    text('journal-type', 'NIO'),
    ...['paging', 'bindings', 'journal', 'large-messages'].map(folder),
    element('acceptors', {}, [
      comment('The prefixes make /queue/x a queue (anycast) and /topic/x a topic (multicast), as ActiveMQ Classic reads them.'),
      acceptor('stomp', ports.stomp, 'STOMP'),
      acceptor('openwire', ports.openwire, 'OPENWIRE'),
    ]),
    element('address-settings', {}, [
      element('address-setting', { match: '#' }, [
        comment('Where messages go that failed max-delivery-attempts times, or expired.'),
        text('dead-letter-address', 'DLQ'),
        text('expiry-address', 'ExpiryQueue'),
        text('max-delivery-attempts', '10'),
      ]),
      element('address-setting', { match: 'DLQ' }, [text('default-address-routing-type', 'ANYCAST')]),
    ]),
    element('addresses', {}, ['DLQ', 'ExpiryQueue'].map(queue)),
  ]);
  const head = comment(`Artemis ${nodeName}, written by the cluster tool; the next cluster gets a new one.`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${element('configuration', { xmlns: 'urn:activemq' }, [core])}\n`;
}

function queue(name: string): string {
  return element('address', { name }, [element('anycast', {}, [element('queue', { name })])]);
}

function text(name: string, content: string): string {
  return `<${name}>${escapeXml(content)}</${name}>`;
}
