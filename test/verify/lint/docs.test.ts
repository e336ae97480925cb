import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLintRules } from '../../../src/verify/lint/docs.js';

it('docs/policies.md holds the lint rules as they are (npm run build && node scripts/lint-docs.mjs)', () => {
  const document = readFileSync('docs/policies.md', 'utf8');
  expect(document).toBe(withLintRules(document));
});

it('every rule that a stage can name is in the documents', () => {
  const documents = ['docs/policies.md', 'docs/policy-runtime.md'].map((path) => readFileSync(path, 'utf8'));
  const files = readdirSync('src/verify', { recursive: true, encoding: 'utf8' });
  const sources = files.filter((path) => path.endsWith('.ts')).map((path) => join('src/verify', path));
  const named = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/'((?:lint|compile|load|attach|trial)\/[a-z-]+)'/g)].map(
      ([, rule]) => rule as string,
    ),
  );
  expect(named.length).toBeGreaterThan(80);
  const absent = [...new Set(named)].filter(
    (rule) => !documents.some((text) => text.includes(`\`${rule}\``)),
  );
  expect(absent).toEqual([]);
});
