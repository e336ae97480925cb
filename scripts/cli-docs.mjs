// Writes every command and option into docs/cli.md: `npm run docs:cli`, after the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { contract } from '../dist/cli/contract.js';

const FILE = new URL('../docs/cli.md', import.meta.url);
const MARK = '<!-- npm run docs:cli writes what follows -->';
const [words] = readFileSync(FILE, 'utf8').split(MARK);
writeFileSync(FILE, `${words.trimEnd()}\n\n${MARK}\n\n${await contract()}\n`);
