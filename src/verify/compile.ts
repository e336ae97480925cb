import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, ensureDir, storeFile } from '../state.js';
import { flagsFor, HEADERS, SOURCE_NAME, Workbench } from './compile/clang.js';
import { findingOf, parseMessages } from './compile/messages.js';
import { namesOf } from './compile/names.js';
import { objectFindings } from './compile/object.js';
import { outsideFiles, outsideFinding, refusedAssembly, refusedDirectives } from './compile/outside.js';
import { clang, resourceDir } from './compile/toolchain.js';
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

const LIBBPF = '/usr/include/bpf';

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
 * @throws TunesmithError (incapable) when a tool or the kernel's types are missing; a fault of the policy is a finding.
 */
export async function compilePolicy(request: CompileRequest): Promise<Compilation> {
  const started = performance.now();
  const { source, kernel, includeDirs = [], file = SOURCE_NAME } = request;
  const end = (findings: readonly Finding[], object?: CompiledPolicy): Compilation => ({
    verdict: { stage: 'compile', findings, tookMs: performance.now() - started },
    ...(object && { object }),
  });
  const refused = refusedDirectives(source).map((finding) => ({
    ...finding,
    ...(finding.place && { place: { ...finding.place, file } }),
  }));
  if (rejects({ findings: refused })) return end(refused);

  const [types, tool] = await Promise.all([kernelTypes(kernel), clang()]);
  const flags = flagsFor(kernel.release, types.dir, includeDirs);
  const key = sha256(
    JSON.stringify([source, types.key, flags, tool.version, headersHash(HEADERS), headersHash(LIBBPF)]),
  );
  const home = ensureDir(cacheDir(), 'objects');
  const known = includeDirs.length === 0 ? join(home, `${key}.bpf.o`) : undefined;
  if (known !== undefined && existsSync(known))
    return end([], { path: known, sha256: sha256(readFileSync(known)) });

  using bench = new Workbench(tool.program, flags, source);
  // Both at once: an object made of files that must not be read is never kept.
  const [{ ran, text, opened }, compiled] = await Promise.all([bench.preprocess(), bench.compile()]);
  const roots = [bench.dir, types.dir, HEADERS, ...includeDirs, '/usr/include', await resourceDir()];
  const outside = outsideFiles(opened, roots).slice(0, 1).map(outsideFinding);
  if (outside.length > 0) return end(outside);
  const names = namesOf(types, kernel.release);
  const said = (stderr: string): Finding[] =>
    parseMessages(stderr).map((message) => findingOf(message, file, SOURCE_NAME, names));
  if (ran.code !== 0) return end(failure(ran, said(ran.stderr)));
  const assembly = refusedAssembly(text);
  if (assembly.length > 0) return end(assembly);
  if (!compiled.object) return end(failure(compiled.ran, said(compiled.ran.stderr)));
  const findings = [...said(compiled.ran.stderr), ...objectFindings(compiled.object, names)];
  if (rejects({ findings })) return end(findings);
  const digest = sha256(compiled.object);
  // One with warnings is compiled again each time, so that they are told again.
  const name = known !== undefined && findings.length === 0 ? `${key}.bpf.o` : `${digest}.bpf.o`;
  return end(findings, { path: storeFile(home, name, compiled.object), sha256: digest });
}

/** Why clang failed: in its own words, or by the limits it ran into. */
function failure(
  { timedOut, code, stderr }: { timedOut: boolean; code: number | null; stderr: string },
  said: Finding[],
): Finding[] {
  if (rejects({ findings: said })) return said;
  const limit = timedOut || code === null || /memory|Killed|CPU time|File size/i.test(stderr);
  return [
    {
      stage: 'compile',
      rule: limit ? 'compile/limit' : 'compile/error',
      severity: 'error',
      message: limit
        ? 'clang was ended: compiling this takes more time, memory or output than any policy needs'
        : `clang failed: ${stderr.trim().slice(0, 500) || `exit code ${code}`}`,
      hint: 'look for macros that multiply themselves, and for includes that never end',
    },
  ];
}
