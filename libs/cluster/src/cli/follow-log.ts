import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** ms between two looks, and the most read at once in bytes. */
const INTERVAL = 250;
const CHUNK = 64 * 1024;
const MOST_OLD = 1024 * 1024;

/** Writes the end of a log (1 MiB at most) and whatever is appended to it, until the file is removed. */
export async function followLog(path: string, write: (text: string) => void): Promise<void> {
  const file = await open(path, 'r');
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(CHUNK);
  try {
    for (let at = Math.max(0, (await file.stat()).size - MOST_OLD); ;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
      at += bytesRead;
      if (bytesRead > 0) {
        const text = decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
        if (text !== '') {
          write(text);
        }
      } else if ((await file.stat()).nlink === 0) {
        return;
      } else {
        await delay(INTERVAL);
      }
    }
  } finally {
    await file.close();
  }
}
