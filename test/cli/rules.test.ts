import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { tunesmith } from './cli.js';

const home = mkdtempSync(join(tmpdir(), 'tunesmith-rules-'));
afterAll(() => rmSync(home, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(home, name), text);
  return join(home, name);
};
const RULES = `version: 1
rules:
  - { name: a, tools: ["os.**"], limits: { sched_cfs_bandwidth_slice_us: { max_step: 50% } }, decide: allow }
`;

it('are checked, with the place of what is wrong', async () => {
  expect(await tunesmith('rules', 'check', file('good.yaml', RULES))).toMatchObject({ code: 0 });
  const bad = file('bad.yaml', RULES.replace('allow', 'perhaps'));
  expect(await tunesmith('rules', 'check', bad)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${bad}:3:`),
  });
  expect(await tunesmith('rules', 'check', join(home, 'none.yaml'))).toMatchObject({ code: 2 });
});

it('are explained', async () => {
  const args = [
    '--tool',
    'os.x',
    '--set',
    'sched_cfs_bandwidth_slice_us=9ms',
    '--current',
    'sched_cfs_bandwidth_slice_us=5ms',
  ];
  const { stdout } = await tunesmith('rules', 'explain', file('r.yaml', RULES), ...args, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'deny',
    rule: 'a',
    field: 'sched_cfs_bandwidth_slice_us',
  });
});

it('are tested by cases', async () => {
  const cases =
    '- { tool: os.x, caller: me, expect: allow, rule: a }\n- { tool: other, caller: me, expect: deny }\n';
  const good = await tunesmith('rules', 'test', file('r.yaml', RULES), file('c.yaml', cases));
  expect(good).toMatchObject({ code: 0, stdout: '2 of 2 cases as expected' });
  const bad = await tunesmith(
    'rules',
    'test',
    file('r.yaml', RULES),
    file('d.yaml', cases.replace('deny', 'ask')),
  );
  expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('case 2: deny by no rule, not ask') });
});
