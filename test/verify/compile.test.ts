import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { elfSection } from '../../src/lab/kernels/btf.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { cacheDir } from '../../src/state.js';
import { leanObject } from '../../src/verify/compile/lean.js';
import { compilePolicy } from '../../src/verify/compile.js';

const FIFO = readFileSync('policies/fifo/policy.bpf.c', 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'compile-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

const compile = async (source: string, options: { includeDirs?: string[]; kernel?: string } = {}) => {
  const { kernel = 'scx', ...rest } = options;
  return compilePolicy({ source, kernel: await resolveKernel(kernel), file: 'mine.bpf.c', ...rest });
};
const findings = async (source: string) => (await compile(source)).verdict.findings;
const lineOf = (source: string, text: string) => source.slice(0, source.indexOf(text)).split('\n').length;

/** The policy with a line of its enqueue replaced. */
const changed = (to: string) => FIFO.replace('\tkick_idle_cpu(p);\n', `\t${to}\n`);

describe('a sound policy', () => {
  it('becomes an object with the kernel’s constants, once', async () => {
    const source = `${FIFO}/* ${process.pid} ${Date.now()} */\n`;
    const first = await compile(source);
    expect(first.verdict).toMatchObject({ stage: 'compile', findings: [] });
    const object = readFileSync(first.object?.path ?? '');
    expect(elfSection(object, '.struct_ops.link')).not.toBeNull();
    expect(elfSection(object, 'license')?.toString()).toContain('Dual MIT/GPL');
    expect((await compile(source)).object).toEqual(first.object);
    const places = [process.cwd(), 'tunesmith-compile', cacheDir()];
    expect(places.filter((place) => object.includes(place))).toEqual([]);
  });

  it('can be made for one kernel alone, without what only debuggers read', async () => {
    const object = readFileSync((await compile(FIFO)).object?.path ?? '');
    const lean = await leanObject(FIFO, await resolveKernel('scx'));
    if (!lean) throw new Error('no object');
    expect(elfSection(object, '.debug_info')).not.toBeNull();
    expect(elfSection(lean, '.debug_info')).toBeNull();
    expect(elfSection(lean, '.struct_ops.link')).toEqual(elfSection(object, '.struct_ops.link'));
    const asksFor = (bytes: Buffer, name: string) => bytes.includes(`\0${name}\0`);
    expect(asksFor(object, 'scx_bpf_dispatch___any')).toBe(true);
    expect(asksFor(lean, 'scx_bpf_dispatch___any')).toBe(false);
    expect(asksFor(lean, 'scx_bpf_dsq_insert___any')).toBe(true);
    expect(await leanObject('no policy', await resolveKernel('scx'))).toBeUndefined();
  });

  it('is compiled anew for another kernel, and when its source changes', async () => {
    const one = await compile(FIFO);
    const other = await compile(FIFO, { kernel: '7.3' });
    const longer = await compile(FIFO.replace('4000000', '5000000'));
    expect(new Set([one, other, longer].map(({ object }) => object?.sha256)).size).toBe(3);
  });

  it('may be a stock one, with nothing but vmlinux.h and libbpf', async () => {
    const stock = `#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char _license[] SEC("license") = "GPL";
SEC("struct_ops/mine_enqueue")
void BPF_PROG(mine_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
SEC(".struct_ops.link")
struct sched_ext_ops mine = { .enqueue = (void *)mine_enqueue, .name = "mine" };
`;
    for (const kernel of ['6.18', '7.3'])
      expect((await compile(stock, { kernel })).verdict.findings).toEqual([]);
  });

  it('may bring headers from directories it names', async () => {
    writeFileSync(join(dir, 'turn.h'), '#define TURN 1000000\n');
    const source = FIFO.replace('4000000;', 'TURN;').replace(
      'char LICENSE',
      '#include "turn.h"\nchar LICENSE',
    );
    expect((await compile(source, { includeDirs: [dir] })).object).toBeDefined();
    expect((await compile(source)).object).toBeUndefined();
  });
});

describe('a mistake is told with its line and the way out', () => {
  it.each([
    ['scx_bpf_dsq_inser(p, 0, 0, 0);', 'compile/unknown-function', /scx_bpf_dsq_insert/],
    ['scx_bpf_consume(0);', 'compile/unknown-function', /since Linux 6\.13 it is scx_bpf_dsq_move_to_local/],
    ['scx_bpf_kick_cpu(0, SCX_KICK_IDEL);', 'compile/unknown-name', /SCX_KICK_IDLE/],
    ['p->scx.vruntime = 0;', 'compile/unknown-field', /6\.18/],
    ['volatile char large[1000]; large[enq_flags & 511] = 1;', 'compile/stack', /512 bytes/],
    ['bpf_printk("%d", p->pid', 'compile/error', undefined],
  ])('%s', async (line, rule, hint) => {
    const source = changed(line);
    const [first] = await findings(source);
    expect(first).toMatchObject({ stage: 'compile', severity: 'error', rule });
    expect(first?.place).toMatchObject({ file: 'mine.bpf.c' });
    if (rule !== 'compile/stack') expect(first?.place?.line).toBe(lineOf(source, line));
    if (hint) expect(first?.hint).toMatch(hint);
  });

  it('a header that is not there', async () => {
    const found = await findings(`#include <scx/common.bpf.h>\n${FIFO}`);
    expect(found).toMatchObject([{ rule: 'compile/missing-include', place: { line: 1 } }]);
    expect(found[0]?.hint).toContain('belongs to the scx project');
  });

  it('a kfunc declared otherwise than the kernel has it, or invented', async () => {
    const other = 'extern int scx_bpf_kick_cpu(int cpu) __ksym;';
    expect(await findings(FIFO.replace('char LICENSE', `${other}\nchar LICENSE`))).toMatchObject([
      { rule: 'compile/redeclared', place: { file: 'mine.bpf.c' } },
    ]);
    const invented = 'extern void scx_bpf_kick_idle(void) __ksym;';
    const source = changed('scx_bpf_kick_idle();').replace('char LICENSE', `${invented}\nchar LICENSE`);
    const found = await findings(source);
    expect(found).toMatchObject([{ rule: 'compile/unknown-function' }]);
    expect(found[0]?.message).toContain('scx_bpf_kick_idle is declared as a kfunc');
  });

  it('a policy without operations', async () => {
    const source = '#include "policy.bpf.h"\nchar LICENSE[] SEC("license") = "GPL";\n';
    expect(await findings(source)).toMatchObject([{ rule: 'compile/no-operations' }]);
  });

  it('a warning does not reject, and is told each time', async () => {
    const source = changed('int unused;');
    for (const time of [1, 2]) {
      const { verdict, object } = await compile(source);
      expect([time, object === undefined]).toEqual([time, false]);
      expect(verdict.findings).toMatchObject([{ rule: 'compile/warning', severity: 'warning' }]);
    }
  });
});

describe('a policy that reads files of this machine is refused, and says nothing of them', () => {
  mkdirSync(join(dir, 'secrets'));
  const secret = join(dir, 'secrets', 'key');
  writeFileSync(secret, '#warning hunter2\n#hunter2\n');
  const before = (text: string) => FIFO.replace('char LICENSE', `${text}\nchar LICENSE`);

  it.each([
    ['an absolute path', before(`#include "${secret}"`)],
    ['a path upwards', before('#include "../../etc/hostname"')],
    ['a directive in disguise', before(`%:inc\\\nlude "${secret}"`)],
    ['a comment inside the directive', before(`#/**/include/**/"${secret}"`)],
    ['a path from a macro', before(`#define WHERE "${secret}"\n#include WHERE`)],
    ['an embedded file', before(`static const char key[] = {\n#embed "${secret}"\n};`)],
    ['an embedded file in disguise', before(`static const char key[] = {\n#em\\\nbed "${secret}"\n};`)],
    ['a question for a file', before(`#if __has_include("${secret}")\n#endif`)],
  ])('%s', async (_, source) => {
    const { verdict, object } = await compile(source);
    expect(object).toBeUndefined();
    expect(verdict.findings[0]?.rule).toBe('compile/outside-file');
    expect(JSON.stringify(verdict)).not.toContain('hunter2');
  });

  it.each([
    ['plain', `asm(".incbin \\"${secret}\\"");`],
    ['in pieces', `asm(".inc" "bin \\"${secret}\\"");`],
    ['by a macro', `#define BIN "bin \\"${secret}\\""\nasm("nop\\n.inc"\nBIN);`],
    ['by an escape', `asm("\\x2eincbin \\"${secret}\\"");`],
    ['by an assembler macro', `asm(".macro m a, b\\n.\\\\a\\\\b \\"${secret}\\"\\n.endm\\nm inc, bin");`],
    ['in a raw string', `asm(R"(.incbin "${secret}")");`],
    ['behind a raw string', `static const char *quote = R"(")"; asm(".incbin \\"${secret}\\"");`],
  ])('.incbin, %s', async (_, text) => {
    const { verdict, object } = await compile(before(text));
    expect(object).toBeUndefined();
    expect(verdict.findings[0]?.rule).toBe('compile/assembly');
  });

  it('while assembly that only computes is fine', async () => {
    const source = changed('asm volatile("r0 = 1;\\n.byte 0" ::: "r0"); asm volatile("" : "+r"(enq_flags));');
    expect((await compile(source)).object).toBeDefined();
  });
});

it('a policy that never ends to compile is ended', async () => {
  const double = Array.from({ length: 40 }, (_, i) => `#define M${i + 1} M${i} M${i}`).join('\n');
  const found = await findings(`${FIFO}\n#define M0 int x;\n${double}\nM40\n`);
  expect(found).toMatchObject([{ rule: 'compile/limit' }]);
});
