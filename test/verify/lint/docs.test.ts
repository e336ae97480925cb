import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withLintRules } from '../../../src/verify/lint/docs.js';

it('docs/policies.md holds the lint rules as they are (npm run build && node scripts/lint-docs.mjs)', () => {
  const document = readFileSync('docs/policies.md', 'utf8');
  expect(document).toBe(withLintRules(document));
});
