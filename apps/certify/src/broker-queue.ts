import { connect } from 'node:net';

/** Where a broker speaks STOMP. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** A message that lies in a broker: its headers, as the broker sends them. */
export type LyingMessage = Readonly<Record<string, string>>;

/** ms a broker may take to show a queue. */
const TIMEOUT = 10_000;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\c': ':', '\\\\': '\\' };

/**
 * Looks at what lies in one queue of one broker, the messages that are under way to a consumer included, without taking anything (at most 400, ActiveMQ's
 * `maxBrowsePageSize`). It has a socket of its own: the framework knows one broker at a time, not each of a network.
 *
 * @throws Error when the broker does not answer within 10 s
 */
export async function browseQueue({ host, port }: BrokerAddress, queue: string): Promise<readonly LyingMessage[]> {
  const socket = connect({ host, port, noDelay: true });
  socket.setEncoding('utf8').setTimeout(TIMEOUT, () => socket.destroy(new Error(`${host}:${port} said nothing for ${TIMEOUT} ms`)));
  socket.write('CONNECT\naccept-version:1.2\nhost:127.0.0.1\n\n\0');
  socket.write(`SUBSCRIBE\nid:1\ndestination:/queue/${queue}\nbrowser:true\nack:auto\n\n\0`);
  const found: LyingMessage[] = [];
  let received = '';
  try {
    for await (const chunk of socket) {
      const frames = (received + String(chunk)).split('\0');
      received = frames.pop() ?? '';
      for (const frame of frames) {
        const { command, headers } = parse(frame);
        if (command === 'ERROR') throw new Error(`${host}:${port} does not show ${queue}: ${headers['message']}`);
        if (headers['browser'] === 'end') return found;
        if (command === 'MESSAGE') found.push(headers);
      }
    }
    throw new Error(`${host}:${port} closed before it had shown all of ${queue}`);
  } finally {
    socket.destroy();
  }
}

/** Bodies are text without NUL: what certify sends, and what brokers say. */
function parse(frame: string): { readonly command: string; readonly headers: LyingMessage } {
  const [head = ''] = frame.trimStart().split('\n\n', 1);
  const [command = '', ...lines] = head.split('\n');
  const headers = lines.toReversed().map((line) => {
    const [name = '', ...value] = line.split(':');
    return [unescape(name), unescape(value.join(':'))] as const;
  });
  // Reversed: of repeated headers the first counts.
  return { command, headers: Object.fromEntries(headers) };
}

function unescape(text: string): string {
  return text.replaceAll(/\\[nrc\\]/g, (escape) => ESCAPES[escape] ?? escape);
}
