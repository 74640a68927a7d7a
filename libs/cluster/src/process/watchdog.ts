import { spawn } from 'node:child_process';
import { namespacePrefix } from '../namespace/addresses.js';

/**
 * Ends the nodes and removes their folder when the process that started them is gone, however it went.
 * The parent holds the other end of standard input: the kernel closes it even after `kill -9`.
 * Nodes write their own pid into `pids/` before they become a JVM; moving that folder away first means
 * that none can appear afterwards unseen. An empty file is a node between opening and writing it, an empty
 * command line one between shell and JVM (or a zombie): look again.
 * PostgreSQL is asked first: only by itself it ends its children and gives its shared memory back.
 * Network namespaces go when no node is in them any more; one that is being made meanwhile is removed by its maker, who looks for `pids`.
 */
const SCRIPT = String.raw`
folder=$1; marker=$2; prefix=$3
while read -r line; do
  [ "$line" = release ] && exit 0
done
mv "$folder/pids" "$folder/pids.closed" 2>/dev/null
command_line() {
  if [ -r /proc/self/cmdline ]; then tr '\0' ' ' <"/proc/$1/cmdline"
  else ps -ww -o args= -p "$1"; fi 2>/dev/null
}
round=0
while [ "$round" -lt 100 ]; do
  left=0
  for file in "$folder"/pids.closed/*; do
    [ -f "$file" ] || continue
    pid=; read -r pid <"$file"
    if [ -z "$pid" ]; then left=1
    elif kill -0 "$pid" 2>/dev/null; then
      case $(command_line "$pid") in
        *"$marker"*)
          left=1
          case "$round:$file" in
            [0-6][0-9]:*/database|[0-9]:*/database) kill -QUIT "$pid"; kill -CONT "$pid" ;;
            *) kill -9 "$pid" ;;
          esac ;;
        '') left=1 ;;
      esac
    fi
  done
  [ "$left" = 0 ] && break
  round=$((round + 1)); sleep 0.1
done
for file in /var/run/netns/"$prefix"*; do
  [ -e "$file" ] && ip netns del "$(basename "$file")"
done 2>/dev/null
round=0
until rm -rf "$folder" 2>/dev/null || [ "$round" = 50 ]; do
  round=$((round + 1)); sleep 0.1
done
`;

/** The process that tidies up after us. */
export interface Watchdog {
  /** The brokers live on without this process; resolves when the watchdog has let go. */
  release(): Promise<void>;
  /** Closes the pipe, as the end of this process does: the watchdog tidies up. */
  abandon(): void;
  /** Resolves when the watchdog has ended, whatever it did. */
  readonly ended: Promise<void>;
}

/** Starts the watchdog over a cluster's folder; call it before the folder is made. Rejects when `sh` cannot be started. */
export async function startWatchdog(folder: string, marker: string): Promise<Watchdog> {
  // A session of its own: Ctrl-C in the terminal, or a test runner that kills its process group, must not take it along.
  const child = spawn('sh', ['-c', SCRIPT, 'activemq-cluster-watchdog', folder, marker, namespacePrefix(folder)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Whether the watchdog still reads is told by its exit, not by a broken pipe.
  child.stdin.on('error', () => undefined);
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') {
    child.stdin.unref();
  }
  return {
    ended,
    abandon() {
      child.ref();
      child.stdin.end();
    },
    async release() {
      child.ref();
      child.stdin.end('release\n');
      await ended;
    },
  };
}
