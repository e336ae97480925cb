import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { soundProposal } from '../../src/bench/synthesis/script.js';
import { MachineFailed } from '../../src/errors.js';
import { type LabKernel, resolveKernel } from '../../src/lab/kernels/resolve.js';
import { noBook } from '../../src/models/day-book.js';
import { makeBudget, makeModel } from '../../src/models/index.js';
import { FitCheck } from '../../src/synthesis/fit.js';
import { ModelJournal } from '../../src/synthesis/model/journal.js';
import { kernelFace } from '../../src/synthesis/model/kernel-face.js';
import { ModelProposer } from '../../src/synthesis/model/proposer.js';
import { bodyOf } from '../../src/synthesis/model/shown.js';
import { systemPrompt } from '../../src/synthesis/model/system.js';
import { stockPolicies } from '../../src/synthesis/stock.js';
import type { Candidate, Tried } from '../../src/synthesis/types.js';
import type { CheckRequest } from '../../src/verify/pipeline.js';
import type { PolicyVerdict } from '../../src/verify/verdict-schema.js';
import { workloadByName } from '../../src/workloads/index.js';
import { SECRET } from '../models/servers/asked.js';
import { PROTOCOLS } from '../models/servers/protocols.js';
import { type Server, send, serve } from '../models/servers/serve.js';
import { archiveOf, scoreOf, triedOf } from './archive.js';

const openai = PROTOCOLS[1] as (typeof PROTOCOLS)[number];
const given = { ...process.env };
let kernel: LabKernel;
let server: Server | undefined;
beforeAll(async () => {
  kernel = await resolveKernel('6.18');
}, 900_000);
afterEach(async () => {
  process.env = { ...given };
  await server?.close();
  server = undefined;
});

const finding = {
  ...{ stage: 'trial', rule: 'trial/migrations', severity: 'error' },
  message: 'many-cpus: migrations_per_s is 5290, above 4500',
  hint: 'leave a task where it ran',
};
const verdict = (accepted: boolean): PolicyVerdict =>
  ({ accepted, findings: accepted ? [] : [finding] }) as unknown as PolicyVerdict;

/** A model that replies with ever new sound policies, and gates that say what a test wants. */
async function proposer(check: (request: CheckRequest) => PolicyVerdict, replies = soundProposal) {
  process.env.TEST_MODEL_KEY = SECRET;
  server = await serve((_, response, nth) =>
    send(response, 200, openai.reply(JSON.stringify(replies(3_000_000 + nth * 1000)))),
  );
  const { seen } = server;
  const journal = new ModelJournal(null);
  const notes: string[] = [];
  const budget = makeBudget({ run: {}, day: {} }, false, noBook);
  const pipeline = { kernel, check: async (request: CheckRequest) => check(request) };
  const made = new ModelProposer({
    model: makeModel(openai.config(server.url, {}), budget),
    ...{ pipeline, journal, stock: [], fits: new FitCheck(pipeline) },
    guardrails: workloadByName('mixed').guardrails,
    sampled: async () => ({ switches_per_s: 900 }),
    spent: () => budget.spent,
    note: (text) => void notes.push(text),
  });
  return { made, journal, notes, prompts: () => seen.map((asked) => openai.prompt(asked as never)) };
}

const measured = (candidate: Candidate, value: number, more = {}): Tried => {
  const gain = 1 - value / 2e6;
  const metrics = {
    ...scoreOf('', value).metrics,
    ...{ wakeup_p50_ns: 11_000, wakeup_p95_ns: 82_000, wakeup_max_ns: 9e6 },
  };
  return {
    candidate,
    score: scoreOf(candidate.id, value, { metrics, ...more }),
    gain,
    merit: gain,
    cell: 'a',
  };
};

describe('questions of a search', () => {
  it('differ within a generation, and name what is under way', async () => {
    const { made, prompts } = await proposer(() => verdict(true));
    await made.propose(16, archiveOf());
    await made.propose(16, archiveOf());
    const asked = prompts();
    expect(asked).toHaveLength(4);
    expect(new Set(asked).size).toBe(4);
    expect(asked[0]).not.toContain('Proposed by you just now');
    expect(asked[1]).toContain('Proposed by you just now');
    expect(asked[1]).toContain('One queue by weighted virtual time');
  });

  it('list the model’s last policies whatever became of them, with percentiles, losses and limits', async () => {
    const { made, prompts } = await proposer(() => verdict(true));
    const [first, second] = await made.propose(16, archiveOf());
    const better = Array.from({ length: 12 }, (_, i) =>
      triedOf('x', 1e6 - 1000 * i, { by: 'genes', tunables: { slice_ns: i } }),
    );
    const poor = measured(first as Candidate, 1.9e6, { elsewhere: { hackbench: -0.038 } });
    const lost = measured(second as Candidate, 0, { value: null, dropped: 'guardrail: throughput fell' });
    await made.propose(16, archiveOf(...better, poor, { ...lost, gain: null, merit: null, cell: null }));
    const prompt = prompts()[2] ?? '';
    expect(prompt).toContain('Your last policies');
    for (const said of ['wakeup_p50_ns 11 µs', 'wakeup_p95_ns 82 µs', 'wakeup_max_ns 9 ms', '+5 %'])
      expect(prompt).toContain(said);
    expect(prompt).toContain('on another load, not shown: −3.8 % (limit −2 %, −3.6 % on its rank)');
    expect(prompt).toContain('dropped: guardrail: throughput fell');
    expect(prompt).not.toContain('hackbench');
  });

  it('bring the probes’ verdict on the best while it can still be repaired', async () => {
    const asked: string[] = [];
    const { made, prompts, notes } = await proposer(({ until }) => {
      asked.push(until ?? 'trial');
      return verdict(until !== undefined);
    });
    const [first] = await made.propose(16, archiveOf());
    expect(asked).not.toContain('trial');
    const archive = archiveOf(measured(first as Candidate, 0.5e6));
    await made.propose(16, archive);
    expect(asked.filter((until) => until === 'trial')).toHaveLength(1);
    const repair = prompts()[2] ?? '';
    expect(repair).toContain('rejected by a probe');
    expect(repair).toContain('[trial/migrations]');
    expect(repair).toContain('migrations_per_s is 5290, above 4500');
    expect(repair).toContain('leave a task where it ran');
    expect(repair).toContain(JSON.stringify(soundProposal(3_000_000).summary).slice(1, -1));
    expect(notes.join()).toContain('goes back');
    // Once: what was said is said.
    await made.propose(16, archive);
    expect(asked.filter((until) => until === 'trial')).toHaveLength(1);
  });
});

describe('a lab that fails', () => {
  it('is no verdict: the reply is checked again, no repair is used, the model hears nothing of it', async () => {
    let failures = 2;
    const { made, prompts, journal } = await proposer(() => {
      if (failures-- > 0) throw new MachineFailed('the guest got no CPU');
      return verdict(true);
    });
    const candidates = await made.propose(1, archiveOf());
    expect(candidates).toHaveLength(1);
    expect(prompts()).toHaveLength(1);
    expect(journal.of('call').map(({ rejection }) => rejection)).toEqual([null]);
  });

  it('for good costs the model nothing but the question, and is named as what it is', async () => {
    const { made, prompts, journal } = await proposer(() => {
      throw new MachineFailed('the guest got no CPU');
    });
    expect(await made.propose(1, archiveOf())).toEqual([]);
    expect(made.ended).toContain('could not be checked: the lab failed: the guest got no CPU');
    expect(journal.of('dropped').every(({ attempts }) => attempts === 1)).toBe(true);
    expect(prompts().join()).not.toContain('got no CPU');
    expect(journal.of('call')[0]?.rejection?.stage).toBe('machine');
  });
});

describe('what a model is shown', () => {
  it.each(stockPolicies().filter(({ name }) => name !== 'genes'))(
    'of $name obeys what a reply must obey',
    ({ name, candidate }) => {
      const body = bodyOf(candidate);
      expect(body).not.toMatch(/const volatile|SCX_OPS_DEFINE|POLICY_EXIT|LICENSE/);
      expect(body).not.toMatch(new RegExp(`BPF_STRUCT_OPS(?:_SLEEPABLE)?\\(${name}_`));
      expect(body).toMatch(/BPF_STRUCT_OPS(?:_SLEEPABLE)?\(policy_/);
    },
  );

  it('tells tunables of a body as data, and policies by name', async () => {
    const edf = stockPolicies().find(({ name }) => name === 'edf') as ReturnType<
      typeof stockPolicies
    >[number];
    expect(bodyOf(edf.candidate)).toMatch(
      /^\/\* tunables: slice_ns \(u64\) 4000000, burst_max_ns \(u64\) 20000000, quiet_ns \(u64\) 100000 \*\//,
    );
    const { made, prompts } = await proposer(
      () => verdict(true),
      () => ({ ...soundProposal(), parent: 'edf' }),
    );
    const stock = { ...triedOf('', 1e6), candidate: edf.candidate };
    const [candidate] = await made.propose(1, archiveOf(stock));
    expect(prompts()[0]).toContain('Body of edf:');
    expect(prompts()[0]).not.toContain(edf.candidate.id);
    expect(candidate?.parents).toEqual([edf.candidate.id]);
  });

  it('has the kernel’s flags, a task’s fields and loops, and no rule for what is not the model’s', async () => {
    const prompt = systemPrompt(await kernelFace(kernel));
    for (const there of ['SCX_ENQ_HEAD', 'SCX_KICK_PREEMPT', 'SCX_DSQ_LOCAL_ON', 'p->scx.weight', 'bpf_for('])
      expect(prompt).toContain(there);
    expect(prompt).toContain('lint/unconsumed-dsq');
    expect(prompt).not.toMatch(/lint\/(?:licence|no-ops|two-ops|ops-name|ops-flags|no-exit-op)/);
  });
});
