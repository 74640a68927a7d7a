import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { activemqXml } from '../config/activemq-xml.js';
import { ClusterError } from '../errors.js';
import { zooCfg } from '../service/zookeeper.js';
import { composeYaml } from './compose.js';
import { DATABASE_PASSWORD, type ExportOptions, type ExportPlan, planExport } from './export-plan.js';
import { databaseSql, dockerfile } from './image.js';
import { readme } from './readme.js';

/**
 * Writes the configuration of a cluster into a folder: `activemq.xml` of each broker, `zoo.cfg`, SQL, a Docker Compose file, a README. Starts
 * nothing and needs no ActiveMQ. Resolves with the names of the files; throws a ClusterError when an option is wrong or the folder is not empty.
 */
export async function exportCluster(folder: string, options: ExportOptions): Promise<string[]> {
  const plan = planExport(options);
  const files = filesOf(plan, options);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new ClusterError('BAD_OPTION', `${folder} is not empty, nothing was written; name a new folder with --dir`);
  }
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    // Containers read as users of their own; only the password is nobody else's.
    await writeFile(path, text, { mode: name === '.env' ? 0o600 : 0o644 });
  }
  return Object.keys(files);
}

function filesOf(plan: ExportPlan, { broker }: ExportOptions): Record<string, string> {
  const ensemble = plan.services.filter((service) => service.kind === 'zookeeper');
  const image = dockerfile(plan);
  return {
    'README.md': readme(plan),
    'compose.yaml': composeYaml(plan),
    ...Object.fromEntries(plan.nodes.map((node) => [`${node.name}/activemq.xml`, activemqXml(plan.configurationOf(node), broker)])),
    ...Object.fromEntries(ensemble.map((own) => [`${own.name}/zoo.cfg`, zooCfg('/data', ensemble, { ...own, host: '0.0.0.0' })])),
    ...(image !== undefined && { 'broker/Dockerfile': image }),
    ...(plan.topology === 'jdbc' && {
      'database/activemq.sql': databaseSql(),
      '.env': `${DATABASE_PASSWORD}=${randomBytes(18).toString('base64url')}\n`,
      '.gitignore': '.env\n',
    }),
  };
}
