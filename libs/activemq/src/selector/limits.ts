/** Longest selector in UTF-16 units: ActiveMQ's STOMP connector takes no longer header line. */
export const MAX_SELECTOR_LENGTH = 10_240;

/** How deep a selector may nest, chains of one arithmetic or comparison operator included; AND and OR chains have no depth. */
export const MAX_SELECTOR_DEPTH = 200;
