import type { Duplex } from 'node:stream';

import type { StompFrame } from '../../stomp/frame.js';
import type { Broker } from '../broker/broker.js';
import type { Connection } from '../broker/connections.js';
import { ConnectionDrop, Refusal } from '../broker/refusal.js';
import { ServerFrameParser } from '../wire/server-frame-parser.js';
import { encodeServerFrame, type ServerFrame } from '../wire/server-frame-writer.js';
import type { AgreedHeartBeat, StompVersion } from './connect.js';
import { execute } from './execute.js';
import { FrameOutput } from './frame-output.js';
import { SessionHeartBeat } from './session-heart-beat.js';
import { SessionState } from './session-state.js';

/** Ms a peer may take to close its side after it was sent everything, and to take everything. */
const [CLOSE_TIMEOUT, FLUSH_TIMEOUT] = [500, 5000];

/** One connection of a client: its bytes become commands, the broker's answers become bytes. */
export class StompSession implements Connection {
  readonly state: SessionState;
  readonly #output: FrameOutput;
  readonly #parser: ServerFrameParser;
  readonly #connectTimer: NodeJS.Timeout;
  #version: StompVersion = '1.0';
  #heartBeat: SessionHeartBeat | undefined;
  /** Frames that came while a SEND waits for room, in one chunk with it. */
  #held: StompFrame[] | undefined;
  #cancelHeld: () => void = () => undefined;
  #ending = false;
  #closed = false;

  constructor(
    readonly broker: Broker,
    private readonly socket: Duplex,
    readonly remoteAddress: string,
  ) {
    const { limits } = broker.settings;
    this.#output = new FrameOutput(
      socket,
      limits.maxOutput,
      () => broker.faults.latency,
      () => this.#onDrained(),
    );
    this.#parser = new ServerFrameParser((frame) => this.#onFrame(frame), limits);
    this.state = new SessionState(this);
    this.#connectTimer = setTimeout(() => this.destroy(), limits.connectTimeout).unref();
    broker.connections.add(this);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.end());
    socket.on('close', () => this.#onClosed());
    // 'close' follows, and ends the session whatever the reason was.
    socket.on('error', () => this.destroy());
  }

  get version(): StompVersion {
    return this.#version;
  }

  /** Whether the client does not take what it was sent. */
  get blocked(): boolean {
    return this.#output.blocked;
  }

  /** The client said CONNECT and may go on. */
  opened(version: StompVersion, heartBeat: AgreedHeartBeat): void {
    clearTimeout(this.#connectTimer);
    this.#version = version;
    this.#heartBeat = new SessionHeartBeat(heartBeat, {
      lastWriteAt: () => this.#output.lastWriteAt,
      unread: () => this.#held !== undefined || this.blocked,
      beat: () => this.#output.write([Buffer.from('\n')]),
      onSilence: () => this.destroy(),
    });
  }

  send(frame: ServerFrame): void {
    this.#output.write(encodeServerFrame(frame, this.#version));
  }

  /** Does something for a frame; what goes wrong is answered as that frame's fault. */
  attempt(frame: StompFrame, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error, frame);
    }
  }

  /** Neither reads nor executes anything until {@link StompSession.resume}; `cancel` is called when the connection ends before. */
  hold(cancel: () => void): void {
    this.#held = [];
    this.#cancelHeld = cancel;
    this.socket.pause();
  }

  /** Goes on behind {@link StompSession.hold} with what had come already. */
  resume(): void {
    const frames = this.#held ?? [];
    this.#held = undefined;
    // One of them may have to wait again, and those behind it with it.
    for (const frame of frames) this.#onFrame(frame);
    this.#read();
  }

  /** Sends what is left, then closes. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#release();
    const destroy = () => void this.socket.destroy();
    const flush = setTimeout(destroy, FLUSH_TIMEOUT).unref();
    this.#output.end(() => {
      clearTimeout(flush);
      // Destroying a socket that still has bytes to read would take the last frames away from the client.
      setTimeout(destroy, CLOSE_TIMEOUT).unref();
    });
    this.socket.resume();
  }

  destroy(): void {
    this.#ending = true;
    this.#release();
    this.socket.destroy();
  }

  #onData(chunk: Buffer): void {
    if (this.#ending) return;
    this.#heartBeat?.heard();
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#fail(error, undefined);
      this.end();
    }
    if (this.#output.blocked || this.#held !== undefined) this.socket.pause();
  }

  #onFrame(frame: StompFrame): void {
    if (this.#ending) return;
    if (this.#held === undefined) this.attempt(frame, () => execute(this, frame));
    else this.#held.push(frame);
  }

  #fail(error: unknown, frame: StompFrame | undefined): void {
    if (error instanceof Refusal) {
      this.send(errorFrame(error, frame?.headers['receipt']));
      if (error.closes) this.end();
      return;
    }
    if (!(error instanceof ConnectionDrop)) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.broker.settings.log(`[${this.broker.settings.name}] a connection is closed because the broker failed: ${reason}`);
    }
    this.end();
  }

  #onDrained(): void {
    if (this.#ending) return;
    this.#read();
    this.state.resumeDeliveries();
  }

  #read(): void {
    if (!this.#ending && this.#held === undefined && !this.#output.blocked) this.socket.resume();
  }

  #onClosed(): void {
    this.#ending = true;
    this.#release();
  }

  /** Gives back what the connection had; once, whoever comes first. */
  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.#heartBeat?.stop();
    if (this.#held !== undefined) this.#cancelHeld();
    this.state.close();
    this.broker.connections.remove(this, this.state.claimedClientId);
  }
}

function errorFrame(error: Refusal, receiptId: string | undefined): ServerFrame {
  const headers: Record<string, string> = { 'content-type': 'text/plain', message: error.message };
  if (receiptId !== undefined) headers['receipt-id'] = receiptId;
  const security = error.javaClass === 'java.lang.SecurityException';
  const body = security ? error.detail : `${error.javaClass}: ${error.detail}\n\tat nestjs-activemq.embedded(EmbeddedBroker)\n`;
  return { command: 'ERROR', headers, body: Buffer.from(body) };
}
