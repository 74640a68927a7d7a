/** A view of a payload that is bytes, whatever holds them; `undefined` for any other. */
export function bytesOf(payload: unknown): Buffer | undefined {
  if (payload instanceof ArrayBuffer || payload instanceof SharedArrayBuffer) return Buffer.from(payload);
  return ArrayBuffer.isView(payload) ? Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength) : undefined;
}

/** Whether two pieces of memory overlap: small Buffers that have nothing to do with each other have one pool. */
export function areShared(one: Buffer, other: Buffer): boolean {
  return (
    one.buffer === other.buffer &&
    one.byteOffset < other.byteOffset + other.byteLength &&
    other.byteOffset < one.byteOffset + one.byteLength
  );
}
