/** A policy that reads its kernel's configuration, in guests of kernels whose package has one and has none. */
import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { kernelConfig } from '../../src/lab/kernels/config.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { Lab } from '../../src/lab/lab.js';
import { attachStage } from '../../src/verify/attach.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { policyGuests, STEP_LIMIT_MS } from '../../src/verify/guest.js';

const SOURCE = `#include "policy.bpf.h"
char LICENSE[] SEC("license") = "Dual MIT/GPL";
extern unsigned long CONFIG_HZ __kconfig;
extern unsigned long CONFIG_NR_CPUS __kconfig;
extern bool CONFIG_SMP __kconfig;
u64 hz, cpus;
bool smp;
s32 BPF_STRUCT_OPS_SLEEPABLE(reads_init)
{
	hz = CONFIG_HZ;
	cpus = CONFIG_NR_CPUS;
	smp = CONFIG_SMP;
	return 0;
}
SCX_OPS_DEFINE(reads_ops, .init = (void *)reads_init, .name = "reads");
`;
const lab = new Lab();
afterAll(() => lab.close());

it.each(['scx', '7.3'])(
  'on %s it has the figures of that kernel, or is told that there are none',
  async (spec) => {
    const kernel = await resolveKernel(spec);
    const config = await kernelConfig(kernel);
    const { object } = await compilePolicy({ source: SOURCE, kernel });
    if (!object) throw new Error('it does not compile');
    const guests = await policyGuests(lab, spec, STEP_LIMIT_MS, true);
    const { findings, load, status } = await attachStage({ object: readFileSync(object.path) }, guests);
    if (config === undefined) {
      expect(load?.findings).toMatchObject([{ stage: 'load', rule: 'load/kconfig', severity: 'error' }]);
      expect(load?.findings[0]?.hint).toMatch(/config/);
      return;
    }
    const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(config.toString())?.[1];
    expect(findings).toEqual([]);
    expect(status?.figures).toEqual({
      hz: Number(value('CONFIG_HZ')),
      cpus: Number(value('CONFIG_NR_CPUS')),
      smp: value('CONFIG_SMP') === 'y' ? 1 : 0,
    });
  },
);

it('the kernel that policies are tried on by default has a configuration', async () => {
  expect((await kernelConfig(await resolveKernel('scx')))?.toString()).toMatch(/^CONFIG_HZ=\d+$/m);
});
