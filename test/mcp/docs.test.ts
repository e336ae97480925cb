import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseRules } from '../../src/govern/load.js';
import { rulesSchema } from '../../src/govern/schema.js';
import { toolDocs } from '../../src/mcp/docs.js';
import { listedName } from '../../src/mcp/names.js';
import { TOOLS } from '../../src/mcp/tools/index.js';

const read = (path: string): string => readFileSync(path, 'utf8');

it('docs/mcp.md lists every tool as the code has it', () => {
  const [, listed] = read('docs/mcp.md').split('`tunesmith mcp docs` prints this part.\n\n');
  expect(listed).toBe(`${toolDocs()}\n`);
  for (const { name } of TOOLS) expect(listed).toContain(`### \`${listedName(name)}\``);
});

it('docs/rules.schema.json is the schema of rules files', () => {
  expect(JSON.parse(read('docs/rules.schema.json'))).toEqual(
    JSON.parse(JSON.stringify(z.toJSONSchema(rulesSchema))),
  );
});

it('the rules file of docs/rules.md is sound', () => {
  const yaml = /```yaml\n(.*?)```/s.exec(read('docs/rules.md'))?.[1] as string;
  expect(parseRules(yaml, 'docs/rules.md').rules.map(({ name }) => name)).toContain('small-steps');
});
