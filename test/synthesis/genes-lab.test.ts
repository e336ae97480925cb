import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Lab } from '../../src/lab/lab.js';
import { policyRun, policySpec } from '../../src/lab/policy.js';
import { type PreparedTrial, prepareTrial } from '../../src/lab/prepare.js';
import type { Session } from '../../src/lab/session.js';
import { stepRequest } from '../../src/lab/step.js';
import { measureReply } from '../../src/lab/trial.js';
import { objectiveOf } from '../../src/loop/objective.js';
import { findPolicy } from '../../src/policies/catalogue.js';
import { candidateOf } from '../../src/synthesis/candidate.js';
import { LabEvaluator } from '../../src/synthesis/evaluate.js';
import { genesCandidate, genesSource } from '../../src/synthesis/genes/candidate.js';
import { randomGenome } from '../../src/synthesis/genes/genome.js';
import { LANDMARKS } from '../../src/synthesis/genes/landmarks.js';
import { DEFAULTS, type Genome } from '../../src/synthesis/genes/table.js';
import { describeGenome } from '../../src/synthesis/genes/words.js';
import { ObjectShelf } from '../../src/synthesis/objects.js';
import type { Effort } from '../../src/synthesis/types.js';
import { prng } from '../../src/tuners/prng.js';
import { workloadByName } from '../../src/workloads/index.js';
import { CASE } from './synthetic.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** GENOMES=60 for the whole sample; a genome takes a second or two. */
const SAMPLE = Number(process.env.GENOMES ?? 12);
const KERNEL = 'scx';
/** Longer than any wait behind the longest turns of four hogs, and shorter than the window. */
const TIMEOUT_MS = 600;
const WINDOW_NS = 1e9;
/** Instructions of a callback that finds it has nothing to do. */
const EMPTY = 20;
/** The same of dispatch, which looks at eight tunables before it knows. */
const EMPTY_DISPATCH = 45;

let lab: Lab;
let trial: PreparedTrial;
const source = genesSource();
const shelf = new ObjectShelf();

beforeAll(async () => {
  lab = new Lab();
  trial = await prepareTrial(lab, { kernel: KERNEL, workload: 'mixed', cpus: 2, seed: 1 });
});
afterAll(() => lab.close());

/** What the ops table of a source names, by name. */
const callbacksIn = (text: string): string[] =>
  [...text.matchAll(/= \(void \*\)(\w+)/g)].map(([, name]) => name as string).sort();

/** A window of the load under a policy. */
async function windowOf(session: Session, source: string, tunables: Genome, windowNs: number) {
  const shelved = await shelf.object(source, trial.kernel);
  if ('dropped' in shelved) throw new Error(shelved.dropped);
  const policy = policySpec({ object: shelved.object, tunables, timeoutMs: TIMEOUT_MS });
  const spec = { ...trial.spec, knobs: trial.defaults, windowNs, policy, telemetry: false as const };
  const reply = measureReply.parse(await session.step(stepRequest(spec, shelved.object)));
  return policyRun(reply.policy ?? {});
}

describe('genomes', () => {
  let session: Session;
  beforeAll(async () => {
    session = await lab.enter({ ...trial.spec, knobs: trial.defaults }, trial.files, 'search');
  });
  afterAll(() => lab.leave(session));

  it(`are taken by the kernel and starve nobody (${SAMPLE} of them, by lot)`, async () => {
    const dice = prng(60);
    const drawn = Array.from({ length: SAMPLE }, () => randomGenome(dice));
    const failed: string[] = [];
    for (const genome of [...LANDMARKS.slice(0, Math.ceil(SAMPLE / 4)), ...drawn].slice(0, SAMPLE)) {
      const { source: text, tunables } = genesCandidate(source, genome);
      const run = await windowOf(session, text, tunables, WINDOW_NS);
      if (!run.held) failed.push(`${describeGenome(tunables)} ${run.status.exit?.message}`);
      expect(run.status.name).toBe('genes');
      expect(run.programs.map(({ name }) => name).sort()).toEqual(callbacksIn(text));
    }
    expect(failed).toEqual([]);
  });

  it('leave out callbacks that the verifier finds empty, and no others', async () => {
    for (const genome of [
      { time_base: 0 },
      { time_base: 0, slice_by: 1 },
      { time_base: 0, wakes: 3 },
      { time_base: 0, wakes: 2, lead_by: 1 },
      { lead_by: 2 },
    ]) {
      const { source: text, tunables } = genesCandidate(source, { ...DEFAULTS, ...genome });
      const [whole, trimmed] = [
        await windowOf(session, source, tunables, 50_000_000),
        await windowOf(session, text, tunables, 50_000_000),
      ];
      const kept = new Set(trimmed.programs.map(({ name }) => name));
      const isEmpty = ({ name, insns }: { name: string; insns: number }): boolean =>
        insns < (name === 'genes_dispatch' ? EMPTY_DISPATCH : EMPTY);
      const empty = whole.programs.filter(
        (program) => isEmpty(program) && !/_(?:init_task|exit|cpu_o\w+)$/.test(program.name),
      );
      const leftOut = whole.programs.filter(({ name }) => !kept.has(name));
      expect(leftOut.filter((program) => !isEmpty(program))).toEqual([]);
      expect(leftOut).toEqual(expect.arrayContaining(empty));
    }
  });
});

describe('the evaluator', () => {
  const effort: Effort = { rigour: 'search', windowNs: 100_000_000, seeds: [1, 2] };
  const where = { ...CASE, kernel: KERNEL };

  it('gives a candidate the figures of its trials, again and again', async () => {
    const candidate = genesCandidate(source, randomGenome(prng(1)));
    const one = await new LabEvaluator(lab).score(candidate, where, effort);
    expect(one).toMatchObject({ candidate: candidate.id, values: [expect.any(Number), expect.any(Number)] });
    expect(one.keys).toHaveLength(1);
    const confirmed = await new LabEvaluator(lab).score(candidate, where, { ...effort, rigour: 'referee' });
    expect(new Set(confirmed.keys).size).toBe(2);
    const fresh = new Lab({ fresh: true });
    try {
      expect(await new LabEvaluator(fresh).score(candidate, where, effort)).toEqual(one);
    } finally {
      await fresh.close();
    }
  });

  it.each([
    ['lint', 'int x;\nvoid f(void) { scx_bpf_enqueue_task(); }', /lint\//],
    ['compile', source.replace('static u64 draw', 'nothing').replace('u64 key;', 'u46 key;'), /compile\//],
    ['load', source.replace('u64 key;', 'u64 key = *(volatile u64 *)8;'), /load: the policy does not load/],
    [
      'trial',
      source
        .replace('if (take(own)', 'if (now_and_then() && take(own)')
        .replace(
          'static bool take',
          'static bool now_and_then(void)\n{\n\treturn false;\n}\n\nstatic bool take',
        )
        .replaceAll('serve_last(own, cpu)', 'false'),
      /trial\/ejected: .*stall/,
    ],
  ])('drops what fails at %s, with the reason', async (_, text, reason) => {
    const candidate = { ...genesCandidate(text, {}), by: 'model' as const, tunables: {} };
    const long = { ...effort, windowNs: 1_600_000_000, seeds: [1] };
    const score = await new LabEvaluator(lab).score(candidate, where, long);
    expect(score.value).toBeNull();
    expect(score.dropped).toMatch(reason);
  });

  it('drops what breaks a guardrail of the load', async () => {
    const { manifest, source: path } = findPolicy('interactive');
    const text = readFileSync(path, 'utf8');
    const chatty = candidateOf({
      source: text,
      tunables: {},
      by: 'repository',
      parents: [],
      words: manifest.summary,
    });
    const messages = { ...where, workload: 'hackbench', objective: objectiveOf(workloadByName('hackbench')) };
    const second = { ...effort, windowNs: 1_000_000_000, seeds: [1] };
    const score = await new LabEvaluator(lab).score(chatty, messages, second);
    expect(score.value).toBeNull();
    expect(score.dropped).toMatch(/guardrail: throughput_per_s .* is below 0.85 × the default’s/);
  });
});
