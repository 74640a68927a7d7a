import { parseSelector, type Selector, SelectorEvaluationError, SelectorSyntaxError } from '../../libs/activemq/src/selector/index.js';

/** One line of the table: selector, names of the messages it selects, and names of those whose SEND to a subscribed topic it makes fail. */
type SelectorCase = readonly [selector: string, selected: string, failing?: string];

/** The lines under a heading each. */
export type SelectorGroups = Readonly<Record<string, readonly SelectorCase[]>>;

/** Names of messages are separated by one space, in the order of {@link MESSAGES}. */
export const NONE = '';

/** The SUBSCRIBE is answered with an ERROR frame. */
export const ERROR = 'ERROR';

/** The headers of the messages that every selector of the table is tried on, by the name of the message. */
export const MESSAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  red: {
    color: 'red',
    size: '9',
    price: '2.5',
    flag: 'true',
    name: "O'Brien",
    type: 'order',
    priority: '7',
    'correlation-id': 'c-1',
    persistent: 'true',
    timestamp: '1700000000000',
  },
  Red: {
    color: 'Red',
    size: '10',
    price: '1e3',
    flag: 'FALSE',
    name: '100%_x',
    other: '9',
    type: 'invoice',
    JMSXGroupID: 'g1',
    'reply-to': '/queue/answers',
  },
  odd: { color: '', size: ' 9 ', price: ' 2.5 ', flag: 'yes', name: 'a.b\\c[d]', other: 'abc', $cash_1: 'yes' },
  huge: { size: '3000000000', price: 'NaN', name: 'one\ntwo', other: '10', flag: 'TRUE' },
  wide: { color: 'größe', size: '٩', price: '0x1p3', name: 'a😀b', other: '+9' },
  minus: { size: '-5', price: '-0.0', other: '-5', name: 'tab\there', flag: 'false', priority: '0', timestamp: '42' },
  bare: {},
};

/** Every message. */
export const ALL = Object.keys(MESSAGES).join(' ');

const SENT_AT = 1_760_000_000_000;
// STOMP headers that ActiveMQ turns into JMS headers; a selector does not see them under their STOMP names.
const NO_PROPERTIES: ReadonlySet<string> = new Set(['type', 'priority', 'correlation-id', 'persistent', 'timestamp', 'reply-to']);

/** What a selector sees of a message that was sent with these headers to a topic and never delivered. */
function propertiesOf(headers: Readonly<Record<string, string>>): Map<string, string | number | boolean | undefined> {
  const { priority = '4', timestamp = String(SENT_AT), persistent, type, 'correlation-id': correlationId, 'reply-to': replyTo } = headers;
  return new Map<string, string | number | boolean | undefined>([
    ...Object.entries(headers).filter(([name]) => !NO_PROPERTIES.has(name)),
    ['JMSPriority', Number(priority)],
    ['JMSTimestamp', Number(timestamp)],
    ['JMSDeliveryMode', persistent === 'true' ? 'PERSISTENT' : 'NON_PERSISTENT'],
    ['JMSType', type],
    ['JMSCorrelationID', correlationId],
    ['JMSReplyTo', replyTo?.replace('/queue/', 'queue://')],
    ['JMSDestination', 'topic://selectors'],
    ['JMSMessageID', 'ID:broker-1:1:-1:1:1'],
    ['JMSExpiration', 0],
    ['JMSRedelivered', false],
    ['JMSXDeliveryCount', 1],
    ['JMSXGroupSeq', 0],
  ]);
}

function parse(selector: string): Selector | undefined {
  try {
    return parseSelector(selector);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return undefined;
    throw error;
  }
}

function outcome(selector: Selector, headers: Readonly<Record<string, string>>): boolean | 'fails' {
  const properties = propertiesOf(headers);
  try {
    return selector.matches({ property: (name) => properties.get(name) });
  } catch (error) {
    if (error instanceof SelectorEvaluationError) return 'fails';
    throw error;
  }
}

/** What the parser makes of a selector and these messages, written as in the table. */
export function selectByParser(text: string, messages: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  const selector = parse(text);
  if (selector === undefined) return [ERROR];
  const outcomes = Object.entries(messages).map(([name, headers]) => ({ name, is: outcome(selector, headers) }));
  const named = (wanted: boolean | 'fails') => outcomes.flatMap(({ name, is }) => (is === wanted ? [name] : [])).join(' ');
  return named('fails') === '' ? [named(true)] : [named(true), named('fails')];
}
