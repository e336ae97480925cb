import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { completed, examplesIn } from './examples.js';

/** Mistakes that clang refuses too, by the rule a “found” example is of: what it says of them, and nothing else. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'lint/unknown-op': /field designator 'pick_next_task' does not refer/,
  'lint/select-cpu-without-return': /does not return a value/,
  'lint/removed-kfunc': /undeclared function 'scx_bpf_dispatch'/,
  'lint/unknown-kfunc': /undeclared function 'scx_bpf_enqueue_task'/,
  'lint/kernel-function': /undeclared function '(?:cpumask_test_cpu|smp_processor_id)'/,
  'lint/unbalanced': /expected '\)'/,
  // Shown shortened, as their … say.
  'lint/not-text': /expected identifier|not allowed|unexpected character/,
  'lint/too-deep': /expected|not allowed|unexpected character/,
};

it.each(examplesIn(readFileSync('docs/policies.md', 'utf8')))(
  'line $line, $heading, $label',
  async (example) => {
    const { source, heading, label } = example;
    const kernel = await resolveKernel('scx');
    const { verdict } = await compilePolicy({ source: completed(source), kernel, file: 'example.c' });
    const told = verdict.findings.map(({ message, place }) => `${place?.line}: ${message}`);
    const expected = label === 'Found:' ? REFUSED[heading] : undefined;
    expect(told.filter((message) => !expected?.test(message))).toEqual([]);
    if (expected) expect(told).not.toEqual([]);
  },
);

it('examples are found, with what stands over them, and completed only where something is missing', () => {
  const text = [
    '# a',
    'Found:',
    '',
    '```c',
    'int x;',
    '',
    'int y;',
    '```',
    '```',
    'no C',
    '```',
    '## `b`',
    'x',
    '```c',
    '```',
  ];
  expect(examplesIn(text.join('\n'))).toEqual([
    { heading: 'a', label: 'Found:', line: 5, source: 'int x;\n\nint y;' },
    { heading: 'b', label: 'x', line: 15, source: '' },
  ]);
  expect(examplesIn(readFileSync('docs/policies.md', 'utf8')).length).toBeGreaterThan(100);
  const whole =
    '#include "policy.bpf.h"\nchar LICENSE[] SEC("license") = "GPL";\nSCX_OPS_DEFINE(x_ops, .name = "x");';
  expect(completed(whole)).toBe(`${whole}\n`);
  expect(completed('void BPF_STRUCT_OPS(x_tick, struct task_struct *p)\n{\n}')).toMatch(
    /^#include "policy\.bpf\.h"\nchar LICENSE[\s\S]*\.tick = \(void \*\)x_tick, \.name = "x"\);\n$/,
  );
});
