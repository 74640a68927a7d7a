const TOO_MANY = /scheduled repeat value is too large/;

/** What a broker says of a message it refuses, with the cure where its own words name none. */
export function withCure(message: string): string {
  if (!TOO_MANY.test(message)) return message;
  return `${message}; ActiveMQ takes \`repeat\` up to 1000 unless \`maxSchedulerRepeatAllowed\` of its <broker> says otherwise: ask for fewer, or use \`cron\``;
}
