import { once } from 'node:events';
import { connect } from 'node:net';

/** One frame as text, header lines and body, and what came before it. */
async function talk(port: number, frames: readonly string[], until: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  try {
    await once(socket, 'connect');
    socket.setEncoding('utf8').write(['CONNECT\naccept-version:1.2\nhost:x\n\n', ...frames].map((frame) => `${frame}\0`).join(''));
    let received = '';
    for await (const chunk of socket) {
      received += String(chunk);
      if (received.includes(`\n${until}`) && received.endsWith('\0\n')) {
        return received;
      }
    }
    throw new Error(`port ${port} closed before '${until}' came: ${received}`);
  } finally {
    socket.destroy();
  }
}

/** Sends a persistent message and waits for the broker's receipt. */
export async function sendTo(port: number, queue: string, body: string): Promise<void> {
  await talk(port, [`SEND\ndestination:/queue/${queue}\npersistent:true\nreceipt:sent\n\n${body}`], 'RECEIPT');
}

/** Waits for a message as a consumer that dies before it acknowledges it. */
export async function takeAndDie(port: number, queue: string): Promise<void> {
  await talk(port, [`SUBSCRIBE\nid:1\ndestination:/queue/${queue}\nack:client-individual\n\n`], 'MESSAGE');
}

/** The body of the next message, acknowledged. */
export async function receiveFrom(port: number, queue: string): Promise<string> {
  const answer = await talk(port, [`SUBSCRIBE\nid:1\ndestination:/queue/${queue}\nack:auto\n\n`], 'MESSAGE');
  return /\nMESSAGE\n[^]*?\n\n([^\0]*)\0/.exec(answer)?.[1] ?? '';
}
