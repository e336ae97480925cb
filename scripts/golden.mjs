// Writes the golden trials, test/lab/golden.json; test/lab/golden.test.ts reruns them and compares to the last digit.
import { writeFileSync } from 'node:fs';
import { measureGolden } from '../dist/bench/golden.js';

const path = new URL('../test/lab/golden.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(await measureGolden(), null, 2)}\n`);
