import { expect, it } from 'vitest';
import { explain } from '../../src/verify/compile/hints.js';

const NAMES = { release: '6.18', kfuncs: [], helpers: [], constants: [] };

/** clang's words for mistakes that authors of policies make with names of the kernel's. */
it.each([
  ["redefinition of enumerator 'OTHERS'", 'compile/redeclared', /give what is the policy’s own another name/],
  ["redefinition of 'node'", 'compile/redeclared', /another name/],
  ["conflicting types for 'scx_bpf_kick_cpu'", 'compile/redeclared', /scx_bpf_kick_cpu___mine/],
  ["redefinition of parameter 'ctx'", 'compile/redeclared', /a parameter ctx of its own/],
  [
    "incompatible pointer to integer conversion assigning to 'unsigned long long' from 'char[16]'",
    'compile/error',
    /\(u64\)p->comm/,
  ],
])('%s', (words, rule, hint) => {
  expect(explain(words, NAMES)).toEqual({ rule, hint: expect.stringMatching(hint) });
});
