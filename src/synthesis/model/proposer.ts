import { messageOf, TunesmithError } from '../../errors.js';
import { ModelError } from '../../models/failure.js';
import type { AccountedModel } from '../../models/index.js';
import type { Spent } from '../../models/spent.js';
import { plain } from '../../tuners/llm/fence.js';
import { formatValue, signedPercent } from '../../units.js';
import type { Pipeline } from '../../verify/pipeline.js';
import type { Guardrail, Metrics } from '../../workloads/types.js';
import { candidateOf } from '../candidate.js';
import type { FitCheck } from '../fit.js';
import { byMerit } from '../search/entries.js';
import type { ArchiveView, Candidate, Case, Proposer, Tried } from '../types.js';
import { type Asked, askForPolicy, type Probed } from './ask.js';
import type { ModelJournal } from './journal.js';
import { kernelFace } from './kernel-face.js';
import { material } from './material.js';
import { rejectionOf } from './rejection.js';
import type { Proposal } from './reply.js';
import { Names } from './shown.js';
import { systemPrompt } from './system.js';
import { assemble } from './template.js';

/** A rejected candidate goes back this often, unless told. */
export const REPAIRS = 3;
/** Candidates of one turn: a model takes long, and learns from what the lab says of the first ones. */
const MOST_A_TURN = 2;
/** Questions in a row that bring no policy, after which the model is not asked any more. */
const MOST_BARREN = 5;
/** Questions in a row without a reply, after which the rest of the search goes on without the model. */
const MOST_FAILURES = 3;
/** Places of a search from whose first ones a policy of the model is worth the probes. */
const PROBED = 3;

export interface ModelProposerOptions {
  readonly model: AccountedModel;
  readonly pipeline: Pick<Pipeline, 'check' | 'kernel'>;
  readonly journal: ModelJournal;
  readonly guardrails: readonly Guardrail[];
  /** The repository's policies, best first: parents beside those of the archive. */
  readonly stock: readonly Tried[];
  /** A window of EEVDF with the sampler, looked at when the model is first asked. */
  readonly sampled: (where: Case) => Promise<Metrics>;
  readonly repairs?: number | undefined;
  /** What the model's calls have come to so far: its budget knows what one without a reply may cost. */
  readonly spent: () => Spent;
  /** Probes of finalists: the best of each generation has them at once, while the model can still repair it. */
  readonly fits?: FitCheck | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly note?: ((text: string) => void) | undefined;
}

/** Candidates that a language model writes. What it cannot bring costs a remark, never the search. */
export class ModelProposer implements Proposer {
  readonly name = 'model';
  /** Why it stopped; null while it goes on. */
  ended: string | null = null;
  private failures = 0;
  private barren = 0;
  /** Replies that this machine did not get checked. */
  private lost = 0;
  /** Ids of candidates that have had their probes. */
  private readonly asked = new Set<string>();
  private system: string | undefined;
  private sampled: Metrics | undefined;
  private readonly offered = new Set<string>();

  constructor(private readonly options: ModelProposerOptions) {}

  /** Proposals of this turn, in words, for the next question of it. */
  private underWay: string[] = [];

  /** @throws ModelError when the model cannot be asked at all: its key, its name, the request's form */
  async propose(n: number, archive: ArchiveView): Promise<readonly Candidate[]> {
    const made = this.leftOver(archive);
    this.underWay = made.map(({ words }) => words);
    let probed = made.length === 0 && this.ended === null ? await this.probed(archive) : undefined;
    // A turn without any candidate would be the end of a search that has no other proposer.
    const isDue = (asked: number) => asked < Math.min(n, MOST_A_TURN) || made.length === 0;
    for (let asked = made.length; isDue(asked) && this.ended === null; asked++) {
      const candidate = await this.one(archive, probed);
      probed = undefined;
      if (candidate && !made.some(({ id }) => id === candidate.id)) {
        made.push(candidate);
        this.underWay.push(candidate.words);
      }
    }
    for (const { id } of made) this.offered.add(id);
    return made;
  }

  tell(generation: readonly Tried[]): void {
    const known = new Set(this.options.journal.of('result').map(({ id }) => id));
    for (const { candidate, score, gain } of generation) {
      if (candidate.by !== 'model' || known.has(candidate.id)) continue;
      const dropped = score.dropped === undefined ? {} : { dropped: score.dropped };
      this.options.journal.add({ kind: 'result', id: candidate.id, value: score.value, gain, ...dropped });
    }
  }

  /** What a model said of a candidate of its own; undefined for another's. */
  proposalOf(id: string): Proposal | undefined {
    return this.options.journal.of('candidate').find((line) => line.id === id)?.proposal;
  }

  /** Candidates of a search that was ended before the lab had measured them: they are paid for. */
  private leftOver(archive: ArchiveView): Candidate[] {
    const tried = new Set(archive.tried.map(({ candidate }) => candidate.id));
    return this.options.journal
      .of('candidate')
      .filter(({ id }) => !tried.has(id) && !this.offered.has(id))
      .map(({ proposal, source }) => this.candidate(proposal, source, archive));
  }

  /**
   * The best of the model's own that has had no probes yet gets them; rejected, it is what the next question is about.
   * Whether one is worth it shows by its rank: the best, or next to it.
   */
  private async probed(archive: ArchiveView): Promise<Probed | undefined> {
    const { fits, note, signal } = this.options;
    const best = byMerit(archive.tried).slice(0, PROBED);
    const one = best.find(({ candidate }) => candidate.by === 'model' && !this.asked.has(candidate.id));
    const proposal = one && this.proposalOf(one.candidate.id);
    if (fits === undefined || one === undefined || proposal === undefined || signal?.aborted)
      return undefined;
    this.asked.add(one.candidate.id);
    note?.(`probes: ${one.candidate.id}, the best of the model so far`);
    const { rejection } = await fits.of(one.candidate);
    if (rejection === undefined) return undefined;
    note?.(`probes: ${one.candidate.id} is rejected, and goes back: ${plain(rejection.message, 200)}`);
    const { firstLine } = assemble(proposal);
    const { metric, unit } = archive.case.objective;
    const figure = `${metric} ${formatValue(one.score.value, unit)}, ${signedPercent(one.gain)}`;
    return { proposal, figure, rejection: rejectionOf(rejection, proposal.code, firstLine) };
  }

  private async one(archive: ArchiveView, probed?: Probed): Promise<Candidate | null> {
    const turn = this.options.journal.nextTurn();
    const asked = await this.ask(turn, archive, probed);
    if (asked === null) return null;
    const { journal, note } = this.options;
    if (asked.proposal === null) {
      const { attempts, reason } = asked;
      journal.add({ kind: 'dropped', turn, attempts, reason });
      note?.(`model: dropped after ${attempts} attempts, ${reason}`);
      if (asked.isMachines) this.lost++;
      if (this.lost >= MOST_FAILURES)
        this.ended = `${MOST_FAILURES} of its policies could not be checked: ${reason}`;
      if (asked.isMachines) return null;
      if (++this.barren >= MOST_BARREN) this.ended = `${MOST_BARREN} questions in a row brought no policy`;
      return null;
    }
    this.barren = 0;
    const { proposal, assembled, attempts, promptSha256, findings } = asked;
    const candidate = this.candidate(proposal, assembled.source, archive);
    journal.add({
      ...{ kind: 'candidate', turn, id: candidate.id, source: assembled.source, proposal, attempts },
      ...{ promptSha256, findings: [...findings] },
    });
    note?.(`model: ${plain(proposal.summary, 120)} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`);
    return candidate;
  }

  private async ask(turn: number, archive: ArchiveView, probed?: Probed): Promise<Asked | null> {
    const {
      model,
      pipeline,
      journal,
      guardrails,
      repairs = REPAIRS,
      stock,
      signal,
      spent,
      note,
    } = this.options;
    try {
      this.system ??= systemPrompt(await kernelFace(pipeline.kernel));
      this.sampled ??= await this.options.sampled(archive.case);
      const asking = { model, pipeline, journal, system: this.system, repairs, turn, signal, spent, note };
      const known = { guardrails, stock, sampled: this.sampled, turn, underWay: this.underWay };
      const asked = await askForPolicy(asking, material(archive, known), probed);
      this.failures = 0;
      return asked;
    } catch (error) {
      this.failed(turn, error);
      return null;
    }
  }

  private failed(turn: number, error: unknown): void {
    const isStopped = error instanceof TunesmithError && error.code === 'interrupted';
    if (isStopped && !(error instanceof ModelError)) {
      this.ended = 'its reply was being checked when the search was to end';
      return;
    }
    if (!(error instanceof ModelError) || error.kind === 'tape') throw error;
    const { journal, note } = this.options;
    if (error.kind === 'stopped') {
      this.ended = 'it was being asked when the search was to end';
      return;
    }
    const passing = error.isPassing || error.kind === 'reply';
    const unheard = journal.of('call').length === 0 && this.failures === 0;
    if (!passing && error.kind !== 'budget' && unheard) throw error;
    const reason = messageOf(error);
    const calls = [...journal.of('call'), ...journal.of('failed')].filter((line) => line.turn === turn);
    journal.add({ kind: 'dropped', turn, attempts: calls.length, reason });
    note?.(`model: ${reason}`);
    if (!passing || ++this.failures >= MOST_FAILURES) this.ended = reason;
  }

  private candidate(proposal: Proposal, source: string, archive: ArchiveView): Candidate {
    const known = proposal.parent === null ? undefined : new Names(archive).idOf(proposal.parent);
    const words = plain(`${proposal.summary}. ${proposal.algorithm}`, 600);
    return candidateOf({
      ...{ source, tunables: {}, by: 'model', words },
      parents: known === undefined ? [] : [known],
    });
  }
}
