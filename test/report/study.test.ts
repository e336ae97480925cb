import { expect, it } from 'vitest';
import type { StudyResult } from '../../src/bench/study/run.js';
import { studyText } from '../../src/bench/study/tables.js';
import { renderStudy } from '../../src/report/study.js';

const study = (objectives: (number | null)[]): StudyResult => ({
  ...{ name: '1P, <2> CPUs', workload: 'pgbench', cycles: objectives.length },
  objective: { metric: 'txn_p99_ns', direction: 'lower', unit: 'ns' },
  knobs: [{ name: 'latency_ns', unit: 'ns', min: 2e6, max: 1e8, scale: 'log' }],
  default: { values: { latency_ns: 12e6 }, objective: 60e6, frozen: 61e6 },
  oracle: { values: { latency_ns: 2e6 }, objective: 30e6, frozen: 31e6, points: 12 },
  runs: [
    {
      ...{ tuner: 'expert', seed: 42, objectives, frozen: 31e6 },
      values: objectives.map(() => ({ latency_ns: 2e6 })),
      best: { cycle: 1, values: { latency_ns: 2e6 }, objective: 30e6 },
    },
  ],
});

it('shows a violin a tuner and a trajectory a knob, escapes, and loads nothing', () => {
  const page = renderStudy('lumos-e1', [study([60e6, 30e6, null, 31e6])], studyText([study([60e6, 30e6])]));
  expect(page).toContain('expert: mean 40.3 ms of 3 windows');
  expect(page).toContain('latency_ns as expert set it');
  expect(page).toContain('oracle 2 ms');
  expect(page).toContain('1P, &lt;2&gt; CPUs');
  expect(page).not.toMatch(/NaN|Infinity|undefined|<script|src=|href=/);
});

it('shows the tables as tables, and escapes what is in them', () => {
  const text = ['### Head <b>', '| a | b |\n| --- | --- |\n| <i> | 2 |', '- one\n- two', 'words'].join(
    '\n\n',
  );
  const page = renderStudy('x', [], text);
  expect(page).toContain('<h3>Head &lt;b&gt;</h3>');
  expect(page).toContain('<tr><td>&lt;i&gt;</td><td>2</td></tr>');
  expect(page).toContain('<ul class="printed"><li>one</li><li>two</li></ul>');
  expect(page).toContain('words</p>');
  expect(page).not.toContain('| ---');
});

it('marks the cycles in which the load changed', () => {
  const stepped = { ...study([60e6, 30e6, 40e6, 31e6]), changes: [2] };
  const lines = (page: string) => page.split('class="l-default"').length - 1;
  const [one] = [study([60e6, 30e6, 40e6, 31e6])];
  expect(lines(renderStudy('x', [stepped], ''))).toBe(lines(renderStudy('x', [one as StudyResult], '')) + 2);
});

it('draws nothing where nothing was measured', () => {
  const none = { ...study([null, null]), default: { values: {}, objective: null, frozen: null } };
  expect(renderStudy('x', [none], '')).toContain('No window gave a figure.');
});

it('draws equal figures without a range', () => {
  expect(renderStudy('x', [study([5e7, 5e7, 5e7])], '')).not.toMatch(/NaN|Infinity/);
});
