import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { Lab } from '../../src/lab/lab.js';
import { policyReply, policyRequest, policySpec } from '../../src/lab/policy.js';
import type { Session } from '../../src/lab/session.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { enterGuest, policyGuests, STEP_LIMIT_MS } from '../../src/verify/guest.js';
import { loadFindings } from '../../src/verify/load.js';
import { refusalKinds } from '../../src/verify/refusals.js';
import type { Finding } from '../../src/verify/verdict.js';
import { BY_LIBBPF, BY_VERIFIER, HERE, sourceOf, type Told } from './messages.js';

/** One guest for all, and one that has its kernel's configuration: what is refused leaves nothing behind. */
const lab = new Lab();
let guest: Session;
let configured: Session;
beforeAll(async () => {
  guest = await enterGuest(await policyGuests(lab, 'scx'));
  configured = await enterGuest(await policyGuests(lab, 'scx', STEP_LIMIT_MS, true));
});
afterAll(() => lab.close());

async function refused(told: Told): Promise<readonly Finding[]> {
  const kernel = await resolveKernel(told.kernel ?? 'scx');
  const { object, verdict } = await compilePolicy({ source: sourceOf(told), kernel });
  if (!object) throw new Error(`it does not compile: ${JSON.stringify(verdict.findings)}`);
  const bytes = readFileSync(object.path);
  const policy = policyRequest(policySpec({ object: bytes }), bytes);
  const { load } = policyReply.parse(
    await (told.config ? configured : guest).step({ op: 'policy_load', policy }),
  );
  if (!load) throw new Error('the guest says nothing of the load');
  return loadFindings(load, bytes);
}

describe('what the real kernel says', () => {
  const ways = [
    ...BY_LIBBPF.map((told) => ['libbpf', told] as const),
    ...BY_VERIFIER.map((told) => ['verifier', told] as const),
  ];

  it.each(ways.map(([by, told]) => [`${by}: ${told.rule}, ${told.says.source}`, told] as const))(
    '%s',
    async (_, told) => {
      const at = sourceOf(told)
        .split('\n')
        .findIndex((line) => line.includes(HERE));
      const findings = await refused(told);
      expect(findings).toMatchObject([
        {
          stage: 'load',
          rule: told.rule,
          severity: 'error',
          message: expect.stringMatching(told.says),
          hint: expect.stringContaining(told.hint),
        },
      ]);
      expect(findings[0]?.message.length).toBeLessThan(1000);
      expect(findings[0]?.place).toEqual(at < 0 ? undefined : { file: 'policy.bpf.c', line: at + 1 });
    },
  );

  it('is had here for each kind that has a hint', () => {
    const untried = refusalKinds().filter(
      (kind) =>
        !ways.some(
          ([by, { rule, hint }]) => by === kind.by && rule === kind.rule && kind.hint.includes(hint),
        ),
    );
    expect(untried).toEqual([]);
  });
});
