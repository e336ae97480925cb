import { canonicalScope } from '../host/scope-text.js';
import { parseDuration } from '../units.js';
import type { Call, Decision } from './call.js';
import { breachOf } from './limits.js';
import { fits, matchers } from './match.js';
import { Pace } from './pace.js';
import type { Risk, RuleEntry, RulesFile, Verdict } from './schema.js';

const RISK_VERDICTS: Readonly<Record<Risk, Verdict>> = { low: 'allow', medium: 'ask', high: 'deny' };
const APPROVAL_TTL = '10m';

/** A rule with its patterns made ready. */
interface Ready {
  readonly rule: RuleEntry;
  readonly pace: Pace;
  /** Whether the call is one of the rule's; `reach`: only by what its scope holds. */
  readonly isFor: (call: Call, roles: readonly string[]) => 'named' | 'reached' | false;
}

function ready(rule: RuleEntry): Ready {
  const [tools, callers, roles, scopes, knobs, policies] = [
    rule.tools,
    rule.callers,
    rule.roles,
    rule.scopes?.map(canonicalPattern),
    rule.knobs,
    rule.policies,
  ].map(matchers);
  return {
    rule,
    pace: new Pace(rule),
    isFor: (call, has) =>
      fits(tools, call.tool) &&
      fits(callers, call.caller) &&
      (roles === undefined || has.some((role) => fits(roles, role))) &&
      (knobs === undefined || hasOnly(knobs, call)) &&
      (policies === undefined || (call.policy !== undefined && fits(policies, call.policy))) &&
      scopeFit(scopes, call),
  };
}

function scopeFit(scopes: readonly RegExp[] | undefined, { scope, reaches = [] }: Call) {
  if (scopes === undefined || scope === undefined || fits(scopes, scope)) return 'named';
  return reaches.some((name) => fits(scopes, name)) && 'reached';
}

/** Tunables of a policy are no knobs. */
const hasOnly = (knobs: readonly RegExp[], { policy, values = {} }: Call): boolean =>
  policy === undefined && Object.keys(values).every((knob) => fits(knobs, knob));

/** A pattern of cgroups in the kernel's own spelling; patterns of other scopes have no other. */
const canonicalPattern = (pattern: string): string =>
  pattern.startsWith('cgroup:/') ? canonicalScope(pattern) : pattern;

/** Decides who may do what: the first rule that is for a call, or nobody. */
export class Governor {
  /** Nothing is changed; changes are advised. */
  readonly advice: boolean;
  /** How long an approval may be waited for and used. */
  readonly approvalTtlMs: number;
  private readonly rules: readonly Ready[];

  /** @param clock ms, only ever forward: a step of the machine's clock must not open a cooldown */
  constructor(
    private readonly file: RulesFile,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.rules = file.rules.map(ready);
    this.advice = file.mode === 'advice';
    this.approvalTtlMs = parseDuration(file.approval_ttl ?? APPROVAL_TTL, 'approval_ttl') / 1e6;
  }

  /** What the rules say of a call now. Books nothing. */
  decide(asked: Call): Decision {
    const call = asked.scope === undefined ? asked : { ...asked, scope: canonicalScope(asked.scope) };
    const roles = this.rolesOf(call.caller);
    for (const { rule, pace, isFor } of this.rules) {
      const fit = isFor(call, roles);
      if (!fit) continue;
      const refusal = this.refusal(rule, call);
      if (refusal) return fit === 'named' ? refusal : reached(refusal, call);
      // What a scope holds counts where a rule denies: no rule allows by it.
      if (fit === 'named') return this.letThrough(rule, pace, call);
    }
    return denied(null, [nobody(call, roles)]);
  }

  /** Why a rule that is for a call denies it, whenever it is made; null when it does not. */
  private refusal(rule: RuleEntry, call: Call): Decision | null {
    const why = rule.why === undefined ? [] : [rule.why];
    const breach = breachOf(rule.limits ?? {}, call);
    if (breach)
      return { ...denied(rule.name, [breach.reason, ...why]), field: breach.field, allowed: breach.allowed };
    return this.verdictOf(rule, call) === 'deny' ? denied(rule.name, [...why, deniedBy(rule, call)]) : null;
  }

  private verdictOf(rule: RuleEntry, call: Call): Verdict {
    return rule.decide === 'risk' ? this.byRisk(call) : rule.decide;
  }

  private letThrough(rule: RuleEntry, pace: Pace, call: Call): Decision {
    const why = rule.why === undefined ? [] : [rule.why];
    const verdict = this.verdictOf(rule, call);
    const soon = pace.tooSoon(call.caller, this.clock());
    if (soon) return { ...denied(rule.name, [soon.reason, ...why]), retryAfterMs: soon.retryAfterMs };
    const reason =
      verdict === 'allow' ? `rule ${rule.name} allows it` : `rule ${rule.name} asks a person first`;
    return { verdict, rule: rule.name, reasons: [reason, ...why], approval: rule.approval ?? 'any' };
  }

  /**
   * The call goes through now: counts for the rate and the cooldown of the rule that let it. Others may have gone
   * through since it was decided, while a person was asked: what comes too soon by now is denied and not counted.
   * @returns the denial, or null when it may go
   */
  book(call: Call, decision: Decision): Decision | null {
    const found = this.rules.find(({ rule }) => rule.name === decision.rule);
    if (!found) return null;
    const now = this.clock();
    const soon = found.pace.tooSoon(call.caller, now);
    if (soon) return { ...denied(found.rule.name, [soon.reason]), retryAfterMs: soon.retryAfterMs };
    found.pace.book(call.caller, now);
    return null;
  }

  private rolesOf(caller: string): readonly string[] {
    const { callers = {} } = this.file;
    return Object.hasOwn(callers, caller) ? (callers[caller]?.roles ?? []) : [];
  }

  private byRisk({ risk = 'low' }: Call): Verdict {
    return (this.file.risk ?? RISK_VERDICTS)[risk];
  }
}

const denied = (rule: string | null, reasons: readonly string[]): Decision => ({
  verdict: 'deny',
  rule,
  reasons,
  approval: 'any',
});

function nobody({ tool, caller, scope }: Call, roles: readonly string[]): string {
  const who = roles.length === 0 ? `${caller}, which has no role,` : `${caller} (${roles.join(', ')})`;
  return `no rule lets ${who} use ${tool}${scope === undefined ? '' : ` on ${scope}`}, and what no rule allows is denied`;
}

const reached = (refusal: Decision, { scope }: Call): Decision => ({
  ...refusal,
  reasons: [...refusal.reasons, `${scope} holds what this rule is for, by another name`],
});

const deniedBy = ({ name, decide }: RuleEntry, { risk = 'low' }: Call): string =>
  decide === 'risk' ? `rule ${name} denies changes of ${risk} risk` : `rule ${name} denies it`;
