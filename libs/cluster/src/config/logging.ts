/** Configuration files for each logger a broker may come with: java.util.logging (Debian), log4j 2 (5.17 on), log4j 1.2 (until 5.16). */
export const LOGGING_FILES: Readonly<Record<string, readonly string[]>> = {
  'logging.properties': [
    'handlers=java.util.logging.ConsoleHandler',
    '.level=INFO',
    String.raw`java.util.logging.SimpleFormatter.format=%1$tF %1$tT.%1$tL %4$s %5$s [%3$s]%6$s%n`,
  ],
  'log4j2.properties': [
    'rootLogger.level=INFO',
    'rootLogger.appenderRef.console.ref=console',
    'appender.console.type=Console',
    'appender.console.name=console',
    'appender.console.layout.type=PatternLayout',
    'appender.console.layout.pattern=%d{yyyy-MM-dd HH:mm:ss.SSS} %p %m [%c]%n%throwable',
  ],
  'log4j.properties': [
    'log4j.rootLogger=INFO, console',
    'log4j.appender.console=org.apache.log4j.ConsoleAppender',
    'log4j.appender.console.layout=org.apache.log4j.PatternLayout',
    'log4j.appender.console.layout.ConversionPattern=%d{yyyy-MM-dd HH:mm:ss.SSS} %p %m [%c]%n',
  ],
};
