import { element } from '../config/xml.js';
import type { ProvisionEnvironment } from './environment.js';
import { firstError } from './maven-output.js';

/** A jar in a Maven repository; without a version the parent of the POM decides. */
export interface Artifact {
  readonly group: string;
  readonly artifact: string;
  readonly version?: string;
}

/** Where a POM has its own coordinates from. */
type Origin = { readonly parent: Required<Artifact> } | { readonly group: string; readonly version: string };

/** A POM that does nothing but need `artifacts`. */
export function pomXml(origin: Origin, artifacts: readonly Artifact[]): string {
  return `${element('project', { xmlns: 'http://maven.apache.org/POM/4.0.0' }, [
    '<modelVersion>4.0.0</modelVersion>',
    ...('parent' in origin
      ? [element('parent', {}, [...coordinates(origin.parent), '<relativePath/>'])]
      : [`<groupId>${origin.group}</groupId>`, `<version>${origin.version}</version>`]),
    '<artifactId>class-path</artifactId>',
    '<packaging>pom</packaging>',
    element(
      'dependencies',
      {},
      artifacts.map((artifact) => element('dependency', {}, coordinates(artifact))),
    ),
  ])}\n`;
}

function coordinates({ group, artifact, version }: Artifact): string[] {
  return [
    `<groupId>${group}</groupId>`,
    `<artifactId>${artifact}</artifactId>`,
    ...(version === undefined ? [] : [`<version>${version}</version>`]),
  ];
}

/** Writes the POM and has Maven copy into `folder` all the jars it needs at run time, each verified; what Maven complained about, if anything. */
export async function copyDependencies(
  environment: ProvisionEnvironment,
  folder: string,
  pomFile: string,
  pom: string,
): Promise<string | undefined> {
  await environment.writeText(pomFile, pom);
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  const args = ['-B', '-q', '-U', '--strict-checksums', '-f', pomFile, 'dependency:copy-dependencies', ...options];
  const { code, stdout, stderr } = await environment.run('mvn', args);
  return code === 0 ? undefined : firstError(`${stdout}\n${stderr}`);
}
