/** In a guest: `node main.js latency ROUNDS`, `node main.js faults RUNS SEED FIRST`. Prints one JSON object. */
import { injectFaults } from './faults.js';
import { measureLatencies } from './latency.js';

const [what, count = '', seed = '1', first = '0'] = process.argv.slice(2);
const found =
  what === 'latency'
    ? await measureLatencies(null, Number(count))
    : await injectFaults(
        null,
        Number(count),
        Number(seed),
        (text) => process.stderr.write(`${text}\n`),
        undefined,
        Number(first),
      );
process.stdout.write(`${JSON.stringify(found)}\n`);
