import type { Duplex } from 'node:stream';

import { FrameParser } from '../stomp/frame-parser.js';
import { encodeFrame, type OutgoingHeaders } from '../stomp/frame-writer.js';
import type { StompFrame } from '../stomp/frame.js';
import { EmbeddedBroker } from './embedded-broker.js';
import type { EmbeddedBrokerOptions } from './broker/broker-options.js';

/** A broker that says nothing on start. */
export function startBroker(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  return new EmbeddedBroker({ log: () => undefined, ...options }).start();
}

interface Waiting {
  matches: (frame: StompFrame) => boolean;
  resolve: (frame: StompFrame) => void;
  reject: (error: Error) => void;
}

/** A STOMP client for specs: it awaits frames, never time. */
export class StompClient {
  /** Frames nobody has asked for yet. */
  readonly frames: StompFrame[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #closed: Promise<void>;
  #receipts = 0;
  #gone = false;

  constructor(readonly socket: Duplex) {
    const parser = new FrameParser((frame) => this.#take(frame));
    socket.on('data', (chunk: Buffer) => parser.push(chunk));
    socket.on('error', () => socket.destroy());
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#gone = true;
        for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection closed'));
        resolve();
      });
    });
  }

  /** Connects and awaits CONNECTED or ERROR. */
  static async connect(broker: EmbeddedBroker, headers: OutgoingHeaders = {}): Promise<StompClient> {
    const client = new StompClient(broker.connect());
    client.write('CONNECT', { 'accept-version': '1.2', host: 'localhost', ...headers });
    await client.next((frame) => frame.command === 'CONNECTED');
    return client;
  }

  /** Resolves when the connection is closed. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  write(command: string, headers: OutgoingHeaders = {}, body?: string): void {
    for (const chunk of encodeFrame(command, headers, body === undefined ? undefined : Buffer.from(body))) this.socket.write(chunk);
  }

  /** Writes bytes as they are. */
  raw(bytes: string): void {
    this.socket.write(bytes);
  }

  /** The next frame that matches, of those that came and those to come. */
  next(matches: (frame: StompFrame) => boolean): Promise<StompFrame> {
    const at = this.frames.findIndex(matches);
    const [found] = at === -1 ? [] : this.frames.splice(at, 1);
    if (found !== undefined) return Promise.resolve(found);
    if (this.#gone) return Promise.reject(new Error('the connection closed'));
    return new Promise((resolve, reject) => this.#waiting.push({ matches, resolve, reject }));
  }

  /** Sends a command with a receipt and awaits the answer to it: RECEIPT or ERROR. */
  ask(command: string, headers: OutgoingHeaders = {}, body?: string): Promise<StompFrame> {
    const receipt = `r${++this.#receipts}`;
    this.write(command, { ...headers, receipt }, body);
    return this.next((frame) => frame.headers['receipt-id'] === receipt);
  }

  /** Sends a persistent message and awaits its receipt. */
  send(destination: string, body: string, headers: OutgoingHeaders = {}): Promise<StompFrame> {
    return this.ask('SEND', { destination, persistent: 'true', ...headers }, body);
  }

  /** Subscribes, `client-individual` unless told otherwise. */
  subscribe(id: string, destination: string, headers: OutgoingHeaders = {}): Promise<StompFrame> {
    return this.ask('SUBSCRIBE', { id, destination, ack: 'client-individual', ...headers });
  }

  /** The next MESSAGE. */
  message(): Promise<StompFrame> {
    return this.next((frame) => frame.command === 'MESSAGE');
  }

  /** The bodies of the next messages. */
  async bodies(count: number): Promise<string[]> {
    const bodies: string[] = [];
    for (let i = 0; i < count; i++) bodies.push((await this.message()).body.toString());
    return bodies;
  }

  ack(message: StompFrame, headers: OutgoingHeaders = {}): Promise<StompFrame> {
    return this.ask('ACK', { id: message.headers['ack'], ...headers });
  }

  nack(message: StompFrame, headers: OutgoingHeaders = {}): Promise<StompFrame> {
    return this.ask('NACK', { id: message.headers['ack'], ...headers });
  }

  /**
   * Everything the broker has to say to this client has been said: a round trip behind it. What it left behind is in `frames`.
   */
  async settled(): Promise<StompFrame[]> {
    await this.ask('SEND', { destination: '/topic/nobody.listens' });
    return this.frames;
  }

  /** The bodies of the messages that came unasked. */
  async rest(): Promise<string[]> {
    const frames = await this.settled();
    return frames.filter(({ command }) => command === 'MESSAGE').map(({ body }) => body.toString());
  }

  #take(frame: StompFrame): void {
    const at = this.#waiting.findIndex(({ matches }) => matches(frame));
    const [waiting] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (waiting === undefined) this.frames.push(frame);
    else waiting.resolve(frame);
  }
}
