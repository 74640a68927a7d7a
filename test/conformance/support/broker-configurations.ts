import type { BrokerOptions, PolicyEntryOptions } from 'activemq-cluster';
import type { DestinationPolicy, EmbeddedBrokerOptions } from '../../../libs/activemq/src/embedded/index.js';

/** `policies`: one family of destinations for each policy, everybody may do everything. `guarded`: users, rights, limits, redelivery by the broker. */
export type BrokerConfiguration = 'policies' | 'guarded';

/** Ms between two searches for expired messages, on every broker. */
const EXPIRE_PERIOD = 300;
const INDIVIDUAL = { queuePrefix: 'DLQ.', processNonPersistent: true };

/** Bytes that a queue of the family `small` takes. */
const SMALL_QUEUE = 64 * 1024;

/** A family of destinations for each policy; what belongs to none has ActiveMQ's defaults. */
const FAMILIES: readonly PolicyEntryOptions[] = [
  { queue: 'soon.>', attributes: { expireMessagesPeriod: EXPIRE_PERIOD } },
  {
    queue: 'shared.>',
    attributes: { expireMessagesPeriod: EXPIRE_PERIOD },
    deadLetterStrategy: { kind: 'shared', queue: 'SHARED.DLQ', attributes: { processNonPersistent: true } },
  },
  {
    queue: 'unexpired.>',
    attributes: { expireMessagesPeriod: EXPIRE_PERIOD },
    deadLetterStrategy: { kind: 'shared', attributes: { processExpired: false } },
  },
  { queue: 'individual.>', deadLetterStrategy: { kind: 'individual', attributes: INDIVIDUAL } },
  {
    queue: 'suffix.>',
    deadLetterStrategy: { kind: 'individual', attributes: { queuePrefix: '', queueSuffix: '.dlq', processNonPersistent: true } },
  },
  { queue: 'totopic.>', deadLetterStrategy: { kind: 'individual', attributes: { ...INDIVIDUAL, useQueueForQueueMessages: false } } },
  { queue: 'mortal.>', deadLetterStrategy: { kind: 'individual', attributes: { ...INDIVIDUAL, expiration: 500 } } },
  { queue: 'DLQ.mortal.>', attributes: { expireMessagesPeriod: EXPIRE_PERIOD }, deadLetterStrategy: { kind: 'discarding' } },
  { queue: 'discarded.>', deadLetterStrategy: { kind: 'discarding' } },
  { queue: 'Consumer.*.VirtualTopic.individual.>', deadLetterStrategy: { kind: 'individual', attributes: INDIVIDUAL } },
  {
    queue: 'Consumer.*.VirtualTopic.unaudited.>',
    deadLetterStrategy: { kind: 'individual', attributes: { ...INDIVIDUAL, enableAudit: false } },
  },
  {
    topic: 'durable.>',
    deadLetterStrategy: {
      kind: 'individual',
      attributes: { topicPrefix: 'DLT.', useQueueForTopicMessages: true, destinationPerDurableSubscriber: true },
    },
  },
  { queue: 'flagged.>', attributes: { persistJMSRedelivered: true } },
  { queue: 'prioritized.>', attributes: { prioritizedMessages: true } },
  // 600 small messages are more than the 70 % of its memory from which on a queue keeps no more than it must.
  { queue: 'tight.>', attributes: { memoryLimit: '1mb', maxBrowsePageSize: 400 } },
  { queue: 'paged.>', attributes: { maxBrowsePageSize: 5_000, maxPageSize: 2_000 } },
  {
    queue: 'small.>',
    attributes: { memoryLimit: SMALL_QUEUE, producerFlowControl: true },
    children: ['<pendingQueuePolicy><vmQueueCursor/></pendingQueuePolicy>'],
  },
];

/** The user of the guarded brokers: may do what it likes below `app.`, only read below `readable.`, nothing elsewhere. */
export const APP_USER = { login: 'app', passcode: 'app-secret' };

/** Bytes of one frame that a guarded broker takes. */
export const MAX_FRAME_SIZE = 1_048_576;

/** Ms a SEND into a full queue waits for room on a `policies` broker before it is refused; on a guarded one it waits for ever. */
export const NO_SPACE_TIMEOUT = 1_500;

function authorization(destinations: string, read: string, write: string): string {
  return `<authorizationEntry ${destinations} read="${read}" write="${write}" admin="admins,apps"/>`;
}

/** ActiveMQ does not start with delays below 1 s. */
const REDELIVERY = { maximumRedeliveries: 2, initialRedeliveryDelay: 1_000, redeliveryDelay: 1_000 };

function attributes(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ');
}

const GUARDED: BrokerOptions = {
  policyEntries: FAMILIES,
  users: [
    { username: APP_USER.login, password: APP_USER.passcode, groups: 'apps' },
    { username: 'admin', password: 'admin-secret', groups: 'admins' },
  ],
  stompOptions: { 'wireFormat.maxFrameSize': MAX_FRAME_SIZE },
  plugins: [
    `<authorizationPlugin><map><authorizationMap><authorizationEntries>
      <authorizationEntry queue="&gt;" read="admins" write="admins" admin="admins"/>
      ${authorization('queue="app.&gt;"', 'admins,apps', 'admins,apps')}
      ${authorization('queue="small.&gt;"', 'admins,apps', 'admins,apps')}
      ${authorization('queue="redelivered.&gt;"', 'admins,apps', 'admins,apps')}
      ${authorization('queue="ActiveMQ.DLQ"', 'admins,apps', 'admins,apps')}
      ${authorization('queue="readable.&gt;"', 'admins,apps', 'admins')}
      ${authorization('topic="ActiveMQ.Advisory.&gt;"', 'admins,apps', 'admins,apps')}
    </authorizationEntries></authorizationMap></map></authorizationPlugin>`,
    `<redeliveryPlugin fallbackToDeadLetter="true" sendToDlqIfMaxRetriesExceeded="true"><redeliveryPolicyMap><redeliveryPolicyMap><redeliveryPolicyEntries>
      <redeliveryPolicy queue="redelivered.&gt;" ${attributes(REDELIVERY)}/>
    </redeliveryPolicyEntries></redeliveryPolicyMap></redeliveryPolicyMap></redeliveryPlugin>`,
  ],
};

/** Destroys the dead letters of these queues. */
const DISCARDING = { dropAll: false, dropOnly: '^dropped\\..*' };

/** What the cluster tool starts. */
export const REAL_CONFIGURATIONS: Readonly<Record<BrokerConfiguration, BrokerOptions>> = {
  policies: {
    policyEntries: FAMILIES,
    systemUsage: { sendFailIfNoSpaceAfterTimeout: NO_SPACE_TIMEOUT },
    plugins: [`<discardingDLQBrokerPlugin dropAll="${DISCARDING.dropAll}" dropOnly="${DISCARDING.dropOnly}"/>`],
  },
  guarded: GUARDED,
};

/** The same for the embedded broker. */
export const EMBEDDED_CONFIGURATIONS: Readonly<Record<BrokerConfiguration, EmbeddedBrokerOptions>> = {
  policies: {
    destinationPolicy: FAMILIES.map(embeddedPolicy),
    expireMessagesPeriod: EXPIRE_PERIOD,
    sendFailIfNoSpaceAfterTimeout: NO_SPACE_TIMEOUT,
    discardingDLQBrokerPlugin: DISCARDING,
  },
  guarded: {
    destinationPolicy: FAMILIES.map(embeddedPolicy),
    user: APP_USER.login,
    password: APP_USER.passcode,
    limits: { maxFrameSize: MAX_FRAME_SIZE },
    redeliveryPlugin: [{ queue: 'redelivered.>', ...REDELIVERY }],
    authorize: (_, action, destination) =>
      /^queue:\/\/(?:(?:app|small|redelivered)\.|ActiveMQ\.DLQ$)/.test(destination) ||
      (action === 'read' && destination.startsWith('queue://readable.')),
  },
};

function embeddedPolicy({ queue, topic, attributes = {}, deadLetterStrategy }: PolicyEntryOptions): DestinationPolicy {
  const { persistJMSRedelivered, prioritizedMessages, maxPageSize, maxBrowsePageSize, memoryLimit, producerFlowControl } = attributes;
  return {
    ...(queue === undefined ? { topic } : { queue }),
    ...(deadLetterStrategy && {
      deadLetterStrategy: {
        ...deadLetterStrategy.attributes,
        kind: deadLetterStrategy.kind,
        ...(deadLetterStrategy.queue === undefined ? {} : { deadLetterQueue: deadLetterStrategy.queue }),
      },
    }),
    ...(persistJMSRedelivered === true && { persistJMSRedelivered }),
    ...(prioritizedMessages === true && { prioritizedMessages }),
    ...(typeof maxPageSize === 'number' && { maxPageSize }),
    ...(typeof maxBrowsePageSize === 'number' && { maxBrowsePageSize }),
    // The others have a cursor that goes on on disk.
    ...(producerFlowControl === true && typeof memoryLimit === 'number' && { memoryLimit }),
  };
}
