import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cachedKernels } from '../../src/lab/kernels/cache.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { listPolicies } from '../../src/policies/catalogue.js';
import { manifestProblems } from '../../src/policies/problems.js';
import { contributionProblems } from '../../src/verify/claims.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { findSubject } from '../../src/verify/subject.js';
import { compareVersions } from '../../src/versions.js';

const policies = listPolicies();
/** Two screens, and the licence, the doc comment and the tunables before them. */
const MOST_LINES = 200;
/** Twenty tunables, each with its purpose and cost, take a screen of their own. */
const MOST_LINES_OF_GENES = 330;

it('there are at least twelve', () => {
  expect(policies.length).toBeGreaterThanOrEqual(12);
});

describe.each(policies.map((policy) => ({ name: policy.manifest.name, policy })))('$name', ({ policy }) => {
  const source = readFileSync(policy.source, 'utf8');
  const { manifest } = policy;

  it('has a manifest that says what the source has', () => {
    expect(manifestProblems(manifest, source)).toEqual([]);
  });

  it('claims nothing that its evidence does not bear out', () => {
    expect(contributionProblems({ ...findSubject(policy.dir), dir: policy.dir })).toEqual([]);
  });

  it('can be read', () => {
    expect(source.split('\n').length).toBeLessThan(
      source.includes('"genes_order.bpf.h"') ? MOST_LINES_OF_GENES : MOST_LINES,
    );
    expect(source).toMatch(/^\/\/ SPDX-License-Identifier: \(MIT OR GPL-2\.0-only\)\n\/\*\n \* /);
    expect(source).not.toMatch(/^ {2,}\S/m); // tabs
  });

  it('compiles without a word for every lab kernel at hand, 6.18 and 7.3 among them', async () => {
    const wanted = await Promise.all(['scx', 'newest'].map((spec) => resolveKernel(spec)));
    const others = (await cachedKernels()).filter(
      ({ release }) => release.endsWith('-amd64') && compareVersions(release, '6.16') >= 0,
    );
    const kernels = new Map([...wanted, ...others].map((kernel) => [kernel.release, kernel]));
    for (const kernel of kernels.values()) {
      const { verdict, object } = await compilePolicy({ source, kernel });
      expect({ release: kernel.release, ...verdict }).toMatchObject({
        release: kernel.release,
        findings: [],
      });
      expect(object).toBeDefined();
    }
  });
});
