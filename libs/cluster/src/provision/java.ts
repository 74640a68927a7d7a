import { join } from 'node:path';
import type { ProvisionEnvironment } from './environment.js';

/** A Java runtime, or what is wrong. */
export type JavaAnswer =
  | { readonly found: true; readonly path: string; readonly major: number }
  | { readonly found: false; readonly why: string };

/** ActiveMQ 6 needs Java 17, 5.17 and 5.18 need 11, older ones 8. */
function requiredJava(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 6 ? 17 : major === 5 && minor < 17 ? 8 : 11;
}

/** The cure for a missing Java, in words. */
export function javaCure(version: string): string {
  return `install a Java runtime ${requiredJava(version)} or newer (Debian, Ubuntu: apt-get install default-jre-headless) or set JAVA_HOME`;
}

/** Finds `JAVA_HOME/bin/java`, else `java` on the PATH, new enough for the broker's version. */
export async function findJava(environment: ProvisionEnvironment, version: string): Promise<JavaAnswer> {
  const home = environment.variables['JAVA_HOME'];
  const path = home ? join(home, 'bin', 'java') : 'java';
  const { code, stderr, stdout } = await environment.run(path, ['-version'], { timeout: 60_000 });
  if (code !== 0) {
    return { found: false, why: home ? `JAVA_HOME=${home} has no working bin/java` : 'there is no working java on the PATH' };
  }
  const major = javaMajor(stderr + stdout);
  if (major === undefined || major < requiredJava(version)) {
    return {
      found: false,
      why: `${path} is Java ${major ?? 'of unknown version'}, ActiveMQ ${version} needs ${requiredJava(version)} or newer`,
    };
  }
  return { found: true, path, major };
}

/** Reads `version "17.0.15"` and the old `version "1.8.0_392"`. */
function javaMajor(text: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(text);
  return match ? Number(match[1] === '1' ? match[2] : match[1]) : undefined;
}
