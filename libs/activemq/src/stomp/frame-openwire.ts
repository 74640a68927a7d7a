const MAGIC = 'ActiveMQ';
const TYPE_AT = 4;
const MAGIC_AT = 5;
const WIRE_FORMAT_INFO = 0x01;

/** Bytes of an OpenWire greeting that identify it: length (4), data type (1), magic (8). */
export const OPENWIRE_GREETING_LENGTH = MAGIC_AT + MAGIC.length;

/** Tells whether a peer's first bytes are the WireFormatInfo with which ActiveMQ's OpenWire connectors greet (13 bytes are looked at). */
export function isOpenWireGreeting(bytes: Buffer): boolean {
  return bytes.length >= OPENWIRE_GREETING_LENGTH && mayBecomeOpenWireGreeting(bytes);
}

/** Tells whether a peer's first bytes are the beginning of an OpenWire greeting, as far as they have arrived. */
export function mayBecomeOpenWireGreeting(bytes: Buffer): boolean {
  // A greeting is some 200 to 300 bytes long: the two high bytes of its length are zero.
  if (bytes[0] !== 0 || (bytes.length > 1 && bytes[1] !== 0)) return false;
  if (bytes.length > TYPE_AT && bytes[TYPE_AT] !== WIRE_FORMAT_INFO) return false;
  return MAGIC.startsWith(bytes.toString('latin1', MAGIC_AT, OPENWIRE_GREETING_LENGTH));
}
