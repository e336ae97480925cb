import type { PolicyInput, PolicyLoad } from '../lab/policy.js';
import { inGuest, type PolicyGuests } from './guest.js';
import { mapValueBytes, shrunkVariables } from './map-values.js';
import { libbpfRefusal, verifierRefusal } from './refusals.js';
import type { Finding, StageVerdict } from './verdict.js';
import { distil } from './verifier-log.js';

/** What loading said beyond its findings. */
export interface LoadVerdict extends StageVerdict {
  /** The policy’s name for itself, its variables, instruction and state counts, and the verifier’s full log; null when
   * the guest was lost. */
  readonly load: PolicyLoad | null;
}

const refusal = (rule: string, message: string, hint: string): Finding => ({
  stage: 'load',
  rule,
  severity: 'error',
  message,
  ...(hint ? { hint } : {}),
});

/** The agent’s codes for what is wrong before the verifier is asked (native/core/policy.h). */
const CODES: Readonly<Record<string, string>> = {
  'bad-object': 'load/bad-object',
  'not-struct-ops': 'load/not-struct-ops',
  'no-such-tunable': 'load/unknown-tunable',
  'bad-tunable': 'load/bad-tunable',
  'no-sched-ext': 'load/no-sched-ext',
};

function verifierFinding({ program, log }: PolicyLoad): Finding {
  const stop = distil(log);
  const { rule, words, hint } = verifierRefusal(stop.reason, stop.instruction);
  const parts = [
    `${program}: ${words}`,
    stop.reason ? `the verifier: ${stop.reason}` : 'the verifier gives no reason',
    ...(stop.source ? [`line: ${stop.source}`] : []),
    ...(stop.within ? [`in ${stop.within.file}:${stop.within.line}, called from there`] : []),
    ...(stop.instruction ? [`at ${stop.instruction}`] : []),
    ...(stop.state.length > 0 ? [`state: ${stop.state.join(' ')}`] : []),
  ];
  return { ...refusal(rule, parts.join('; '), hint), ...(stop.place ? { place: stop.place } : {}) };
}

/** The kernel's walk through all the types of an object, which libbpf cuts long before the one that is wrong. */
const TYPES_LOG = /-- BEGIN BTF LOAD LOG ---[\s\S]*?(?:-- END BTF LOAD LOG --|(?=libbpf: )|$)/g;

/** libbpf’s own lines without its prefix, the last one first said. */
const wordsOf = (messages: string): string =>
  messages
    .replace(TYPES_LOG, '')
    .split('\n')
    .map((line) => line.replace(/^libbpf: /, '').trim())
    .filter((line) => line !== '' && !/^failed to load object/.test(line))
    .join('; ');

/** Which variables the kernel takes for broken, where libbpf’s words do not say. */
function shrunkWords(words: string, object: Buffer | undefined): string {
  const names = object ? shrunkVariables(object) : [];
  return names.length === 0 ? words : `${words}; here: ${names.join(', ')}`;
}

/** What libbpf's words do not say: how large a value of the map is that the kernel does not make. */
function sizeWords(words: string, object: Buffer | undefined): string {
  const map = /the map (\w+)/.exec(words)?.[1];
  const bytes = object && map !== undefined ? mapValueBytes(object, map) : undefined;
  return bytes === undefined ? words : `${words}; a value of ${map} has ${formatBytes(bytes)}`;
}

const formatBytes = (bytes: number): string =>
  bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;

/** What is wrong with a load; empty when the kernel took it. `object` is what was loaded. */
export function loadFindings(load: PolicyLoad, object?: Buffer): readonly Finding[] {
  const { code, reason, hint, program, log, errno } = load;
  if (code === '') return [];
  const known = CODES[code];
  if (known) return [refusal(known, reason.trim(), hint)];
  const refused = libbpfRefusal(reason);
  if (refused) {
    const told = { 'load/map-size': sizeWords, 'load/types': shrunkWords }[refused.rule];
    const words = told?.(refused.words, object) ?? refused.words;
    return [refusal(refused.rule, `${words}; libbpf: ${wordsOf(reason)}`, refused.hint)];
  }
  if (program !== '' && log.trim() !== '') return [verifierFinding(load)];
  return [refusal('load/refused', `the kernel refuses it (errno ${errno}): ${wordsOf(reason)}`, hint)];
}

/** The stage’s verdict on a load that began at `started` (Date.now) and has just ended. */
export const loadVerdict = (load: PolicyLoad, started: number, object?: Buffer): LoadVerdict => ({
  stage: 'load',
  findings: loadFindings(load, object),
  tookMs: Date.now() - started,
  load,
});

/**
 * The load stage: the target kernel’s own verifier, in a lab guest. Takes about a second of wall time.
 * @throws TunesmithError usage for a tunable or timeout out of range, incapable when this machine has no lab.
 */
export async function loadStage(policy: PolicyInput, guests: PolicyGuests): Promise<LoadVerdict> {
  const started = Date.now();
  let verdict: LoadVerdict | null = null;
  const findings = await inGuest(guests, 'load', async (ask) => {
    const { load } = await ask({ op: 'policy_load' }, policy);
    verdict = load ? loadVerdict(load, started, policy.object) : null;
    return [];
  });
  return verdict ?? { stage: 'load', findings, tookMs: Date.now() - started, load: null };
}
