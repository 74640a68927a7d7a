import { ask, type Endpoint } from './ask.js';

/** Protocol 3.0, as the first message says it. */
const PROTOCOL = 0x0003_0000;

/** Whether PostgreSQL takes connections: it asks for a password then, and answers with an error while it starts or recovers. */
export async function probePostgres(server: Endpoint): Promise<boolean> {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(PROTOCOL, 4);
  const answer = await ask(server, Buffer.concat([head, parameters]), (received) => received.length > 0);
  return answer?.subarray(0, 1).toString('latin1') === 'R';
}
