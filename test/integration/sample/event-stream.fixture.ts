/** One server-sent event; `data` is what its JSON says. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Reads a stream of server-sent events until it ends; leaving the loop closes the connection. */
export async function* readEvents(url: URL): AsyncGenerator<ServerSentEvent> {
  const controller = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: controller.signal });
  if (!response.body) throw new Error(`${url.href} answered ${response.status} without a body`);
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks.map(parse).filter((event) => event !== undefined);
    }
  } finally {
    controller.abort();
  }
}

function parse(block: string): ServerSentEvent | undefined {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const),
  );
  const data = fields.get('data');
  return data === undefined ? undefined : { type: fields.get('event') ?? 'message', data: JSON.parse(data) as unknown };
}
