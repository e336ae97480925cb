// Writes the lint rules into docs/policies.md; test/verify/lint/docs.test.ts fails while they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { withLintRules } from '../dist/verify/lint/docs.js';

const path = new URL('../docs/policies.md', import.meta.url);
writeFileSync(path, withLintRules(readFileSync(path, 'utf8')));
