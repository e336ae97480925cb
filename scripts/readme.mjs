// Writes what `npm start` prints into README.md: the fenced block after the line `<!-- npm run readme -->`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = new URL('../README.md', import.meta.url);
const BLOCK = /(<!-- npm run readme -->\n```\n)[\s\S]*?(```\n)/;
const text = readFileSync(path, 'utf8');
if (!BLOCK.test(text)) throw new Error('README.md has no block after <!-- npm run readme -->');

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const { status, stdout } = spawnSync(process.execPath, [main, 'start'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (status !== 0) throw new Error(`tunesmith start ended with ${status}`);
const shown = stdout.replace(/\n*report: .*\n*$/, '\n');
writeFileSync(
  path,
  text.replace(BLOCK, (_, begin, end) => begin + shown + end),
);
