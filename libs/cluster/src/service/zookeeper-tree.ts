import { ask, type Endpoint } from './ask.js';

/** Operations of ZooKeeper's client protocol. */
const GET_DATA = 4;
const GET_CHILDREN = 8;
const CLOSE_SESSION = -11;

/** ms a session of ours may live; it is closed at once. */
const SESSION_TIMEOUT = 4_000;

/** Most children that are read: an ensemble of brokers has few. */
const MOST_CHILDREN = 50;

/** Names and data of a path's children, as a ZooKeeper tells them; undefined when it has no quorum, or there is no such path. */
export async function readChildren(server: Endpoint, path: string): Promise<ReadonlyMap<string, string> | undefined> {
  const [listed] = (await request(server, [[GET_CHILDREN, path]])) ?? [];
  const names = listed && childrenIn(listed).slice(0, MOST_CHILDREN);
  if (!names) {
    return undefined;
  }
  const answers = await request(
    server,
    names.map((name) => [GET_DATA, `${path}/${name}`]),
  );
  return answers && new Map(names.map((name, index) => [name, stringAt(answers[index] ?? Buffer.alloc(0), 0)]));
}

/** The bodies of the answers, undefined for one that is an error. */
async function request(
  server: Endpoint,
  operations: readonly (readonly [type: number, path: string])[],
): Promise<(Buffer | undefined)[] | undefined> {
  const packets = operations.map(([type, path], index) => packet(int(index + 1), int(type), string(path), Buffer.of(0)));
  const close = packet(int(operations.length + 1), int(CLOSE_SESSION));
  const enough = (answer: Buffer): boolean => framesIn(answer).length > operations.length;
  const answer = await ask(server, Buffer.concat([connectPacket(), ...packets, close]), enough);
  // The first answers the connect; each other one begins with xid, zxid and error code.
  const frames = framesIn(answer ?? Buffer.alloc(0)).slice(1, operations.length + 1);
  return frames.length < operations.length
    ? undefined
    : frames.map((frame) => (frame.length >= 16 && frame.readInt32BE(12) === 0 ? frame.subarray(16) : undefined));
}

function connectPacket(): Buffer {
  // Protocol version, last transaction seen, timeout, no session yet, its empty password.
  return packet(int(0), Buffer.alloc(8), int(SESSION_TIMEOUT), Buffer.alloc(8), int(16), Buffer.alloc(16));
}

function packet(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function string(value: string): Buffer {
  return Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** The packets that have arrived whole. */
function framesIn(answer: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (at + 4 <= answer.length) {
    const end = at + 4 + answer.readInt32BE(at);
    if (end < at + 4 || end > answer.length) {
      break;
    }
    frames.push(answer.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

function childrenIn(body: Buffer): string[] {
  const names: string[] = [];
  let at = 4;
  for (let left = body.length < 4 ? 0 : Math.min(body.readInt32BE(0), MOST_CHILDREN); left > 0; left--) {
    const name = stringAt(body, at);
    names.push(name);
    at += 4 + Buffer.byteLength(name);
  }
  return names.filter((name) => name !== '');
}

function stringAt(body: Buffer, at: number): string {
  return body.length < at + 4 ? '' : body.toString('utf8', at + 4, at + 4 + Math.max(0, body.readInt32BE(at)));
}
