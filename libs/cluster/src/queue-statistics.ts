import { ask, type Endpoint } from './service/ask.js';
import { connectFrame, type ProbeCredentials } from './stomp-probe.js';

/** A queue of one broker, as its statistics plugin counts. */
export interface QueueStatistics {
  readonly name: string;
  /** Messages that lie there. */
  readonly size: number;
  /** Of these, sent to a consumer and not acknowledged yet. */
  readonly inFlight: number;
  /** Bridges to other brokers count as consumers too. */
  readonly consumers: number;
}

const REPLY = '/temp-queue/cluster-statistics';
/** The body of the reply that ends the list. */
const END = '{"map":""}';

/** Asks a broker for all its queues, over STOMP; undefined when it does not answer within 2 s, or has no statistics plugin. */
export async function readQueues(broker: Endpoint, credentials?: ProbeCredentials): Promise<QueueStatistics[] | undefined> {
  const request = [
    connectFrame(credentials),
    `SUBSCRIBE\nid:1\ndestination:${REPLY}\nack:auto\ntransformation:jms-map-json\n\n\0`,
    'SEND\ndestination:/queue/ActiveMQ.Statistics.Destination.>\n' +
      `reply-to:${REPLY}\nActiveMQ.Statistics.Destination.List.End.With.Null:true\n\n\0`,
  ].join('');
  const answer = await ask(broker, Buffer.from(request), (received) => received.includes(END));
  const text = answer?.toString('utf8') ?? '';
  return text.includes(END) ? parseQueues(text) : undefined;
}

/** The queues in what the statistics plugin answered, temporary ones and the broker's own left out. */
export function parseQueues(frames: string): QueueStatistics[] {
  return frames
    .split('\0')
    .flatMap((frame) => {
      const body = /\nMESSAGE\n[^]*?\n\n(\{[^]*\})$/.exec(`\n${frame.trimStart()}`)?.[1];
      return body === undefined || body === END ? [] : [queueOf(mapOf(body))];
    })
    .filter(({ name }) => !name.startsWith('ActiveMQ.Advisory') && !name.startsWith('ID:'))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function queueOf(map: ReadonlyMap<string, string | number>): QueueStatistics {
  const count = (key: string): number => Number(map.get(key) ?? 0);
  const name = String(map.get('destinationName') ?? '').replace(/^\w+:\/\//, '');
  return { name, size: count('size'), inFlight: count('inflightCount'), consumers: count('consumerCount') };
}

/** ActiveMQ writes `{"string":["key","text"]}` and `{"string":"key","long":3}`. */
function mapOf(body: string): Map<string, string | number> {
  const { map } = JSON.parse(body) as { readonly map?: { readonly entry?: readonly Readonly<Record<string, unknown>>[] } };
  const pairs = (map?.entry ?? []).map((entry): [string, string | number] => {
    const [key, value] = Array.isArray(entry['string']) ? (entry['string'] as unknown[]) : [entry['string'], numberIn(entry)];
    return [String(key), typeof value === 'number' ? value : String(value)];
  });
  return new Map(pairs);
}

function numberIn(entry: Readonly<Record<string, unknown>>): number {
  return Number(Object.entries(entry).find(([type]) => type !== 'string')?.[1] ?? 0);
}
