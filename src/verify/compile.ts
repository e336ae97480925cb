import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../errors.js';
import { kept, keptName } from '../state/kept.js';
import { cacheDir, ensureDir, storeFile } from '../state.js';
import { type Compiled, compileText, HEADERS, LIBBPF, SOURCE_NAME, settingFor } from './compile/clang.js';
import { findingsOf, passGate, type Told } from './compile/gate.js';
import { parseMessages } from './compile/messages.js';
import { namesOf } from './compile/names.js';
import { objectFindings } from './compile/object.js';
import { clang, resourceDir } from './compile/toolchain.js';
import { admit } from './compile/trust.js';
import { kernelTypes, type TargetKernel } from './compile/types.js';
import { type Finding, rejects, type StageVerdict } from './verdict.js';

export { HEADERS } from './compile/clang.js';
export type { TargetKernel } from './compile/types.js';

export interface CompileRequest {
  /** The policy's text. */
  readonly source: string;
  readonly kernel: TargetKernel;
  /** Further directories with headers; whoever names them trusts what lies in them. */
  readonly includeDirs?: readonly string[];
  /** What to call the source in findings; default policy.bpf.c. */
  readonly file?: string;
}

export interface CompiledPolicy {
  /** The object file, in our cache: not to be written to. */
  readonly path: string;
  readonly sha256: string;
}

export interface Compilation {
  readonly verdict: StageVerdict;
  /** Absent when the policy was rejected. */
  readonly object?: CompiledPolicy;
}

const OBJECT = '.bpf.o';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A directory's headers, by name and content. */
const headersHash = (dir: string): string =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.h'))
    .sort()
    .map((name) => `${name} ${sha256(readFileSync(join(dir, name)))}\n`)
    .join('');

/**
 * Compiles a policy against the types of the kernel it is for. The object is kept by what it was made of, unless
 * headers of others took part.
 * @throws TunesmithError (incapable) when a tool or the kernel's types are missing, when the machine is too busy (TooBusy)
 * or when it confines nothing and the source is not trusted; a fault of the policy is a finding.
 */
export async function compilePolicy(request: CompileRequest): Promise<Compilation> {
  const started = performance.now();
  const { source, kernel, includeDirs = [], file = SOURCE_NAME } = request;
  const end = (findings: readonly Finding[], object?: CompiledPolicy): Compilation => ({
    verdict: { stage: 'compile', findings, tookMs: performance.now() - started },
    ...(object && { object }),
  });
  const { bare } = await admit(source);
  const [types, tool] = await Promise.all([kernelTypes(kernel), clang()]);
  const resources = await resourceDir();
  includeDirs.forEach(assertHeadersOnly);
  const setting = settingFor(kernel.release, types.dir, { ...tool, resources }, { includeDirs, bare });
  const key = sha256(
    JSON.stringify([
      source,
      types.key,
      setting.flags,
      tool.version,
      headersHash(HEADERS),
      headersHash(LIBBPF),
    ]),
  );
  const home = ensureDir(cacheDir(), 'objects');
  const isKept = includeDirs.length === 0;
  const known = isKept ? await kept(home, 'policy object', key, { ext: OBJECT }) : null;
  if (known !== null) return end([], { path: known, sha256: sha256(readFileSync(known)) });

  const told: Told = { file, source, names: namesOf(types, kernel.release) };
  const passage = await passGate(setting, source);
  if ('refused' in passage) return end(passage.refused.map((finding) => inFile(finding, file)));
  if ('failed' in passage)
    return end(failure(passage.failed, findingsOf(parseMessages(passage.failed.stderr), told)));
  const { text, messages } = passage.checked;
  const compiled = await compileText(setting, text);
  const said = [...findingsOf(messages, told), ...findingsOf(parseMessages(compiled.stderr), told, text)];
  if (!compiled.ok) return end(failure(compiled, said));
  const findings = [...said, ...objectFindings(compiled.output, told.names)];
  if (rejects({ findings })) return end(findings);
  const digest = sha256(compiled.output);
  // One with warnings is compiled again each time, so that they are told again.
  const name =
    isKept && findings.length === 0 ? keptName(key, compiled.output, OBJECT) : `${digest}${OBJECT}`;
  return end(findings, { path: storeFile(home, name, compiled.output), sha256: digest });
}

const inFile = (finding: Finding, file: string): Finding => ({
  ...finding,
  ...(finding.place && { place: { ...finding.place, file } }),
});

/** Opening a FIFO waits for ever, and a device may never end. @throws TunesmithError (usage) naming what it is */
function assertHeadersOnly(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true }))
    if (entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice())
      throw usageError(
        'includeDirs',
        join(entry.parentPath, entry.name),
        'is no file',
        'name a directory of headers',
      );
}

/** Why clang failed: in its own words, or by the limits it ran into. */
function failure({ exceeded, stderr }: Compiled, said: Finding[]): Finding[] {
  if (rejects({ findings: said })) return said;
  return [
    {
      stage: 'compile',
      rule: exceeded ? 'compile/limit' : 'compile/error',
      severity: 'error',
      message: exceeded
        ? 'clang was ended: compiling this takes more CPU time, memory or output than any policy needs'
        : `clang failed: ${stderr.trim().slice(0, 500) || 'it says nothing'}`,
      hint: 'look for macros that multiply themselves, and for includes that never end',
    },
  ];
}
