import type { BrokerMessage, MapEntries } from '../broker/broker-message.js';

/** The body of a MapMessage as a subscription asked for it (`transformation:jms-map-json`, else XML); `undefined` for other messages. */
export function mapMessageBody(message: BrokerMessage, transformation: string | undefined): Buffer | undefined {
  if (message.map === undefined) return undefined;
  return Buffer.from(isJson(transformation) ? toJson(message.map) : toXml(message.map));
}

/** The `transformation` header that goes with it. */
export function mapTransformation(message: BrokerMessage, transformation: string | undefined): string | undefined {
  if (message.map === undefined) return undefined;
  return isJson(transformation) ? 'jms-map-json' : 'jms-map-xml';
}

function isJson(transformation: string | undefined): boolean {
  return transformation === 'jms-map-json';
}

function toJson(map: MapEntries): string {
  if (map.length === 0) return '{"map":""}';
  const entry = map.map(([name, type, value]) => (type === 'string' ? { string: [name, value] } : { string: name, [type]: value }));
  return JSON.stringify({ map: { entry } });
}

function toXml(map: MapEntries): string {
  const entries = map.map(([name, type, value]) => {
    const shown = type === 'double' && Number.isInteger(value) ? `${value}.0` : escapeXml(String(value));
    return `  <entry>\n    <string>${escapeXml(name)}</string>\n    <${type}>${shown}</${type}>\n  </entry>\n`;
  });
  return entries.length === 0 ? '<map/>' : `<map>\n${entries.join('')}</map>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
