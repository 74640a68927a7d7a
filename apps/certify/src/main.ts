import 'reflect-metadata';

import { runScript } from './script.js';

// The script that started this process is gone, however it went: the brokers end with us.
process.once('disconnect', () => process.exit(1));
process.exitCode = await runScript(process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
// Otherwise the channel to that script keeps this process.
process.removeAllListeners('disconnect');
if (process.connected) process.disconnect();
