import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModel } from '../../src/models/config.js';
import { ask, GOOD, modelOf } from './servers/asked.js';

const program = (script: string, more = {}) =>
  modelOf({
    ...parseModel('command:x'),
    command: [process.execPath, '-e', script],
    attempts: 1,
    ...more,
  } as never);
const reading = (body: string) => `let t='';process.stdin.on('data',(c)=>{t+=c}).on('end',()=>{${body}})`;

describe('a command', () => {
  it('reads the request and prints the reply', async () => {
    const asked = program(
      reading(
        `const ok=/You tune\\./.test(t)&&/what next\\?/.test(t)&&/"maximum":100/.test(t);console.log(JSON.stringify({analysis:String(ok),turn:3}))`,
      ),
    );
    const reply = await ask(asked);
    expect(reply.value).toEqual({ analysis: 'true', turn: 3 });
    expect(reply.usage).toMatchObject({ estimated: true });
    expect(reply.usage.inputTokens).toBeGreaterThan(20);
    expect(reply.usd).toBeNull();
  });

  it('may reply without reading', async () => {
    expect(
      (await ask(program(`process.stdin.destroy();console.log('${GOOD}')`), 'x'.repeat(1 << 20))).value?.turn,
    ).toBe(7);
  });

  it('that fails, or is not there, says so', async () => {
    await expect(ask(program(`console.error('no login');process.exit(3)`))).rejects.toThrow(
      'ended with 3: no login',
    );
    const absent = modelOf(parseModel('command:/nowhere/agent'));
    await expect(ask(absent)).rejects.toThrow('cannot be started');
  });

  it('that says too much is ended', async () => {
    const asked = modelOf(parseModel('command:yes and on and on'));
    await expect(ask(asked)).rejects.toThrow('longer than');
  });

  it('that takes too long is ended, with what it started', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tunesmith-command-'));
    const command = ['sh', '-c', `sleep 600 & echo $! > ${dir}/pid; wait`];
    const asked = modelOf({ ...parseModel('command:sh'), command, attempts: 1, timeout: 3000 } as never);
    await expect(ask(asked)).rejects.toThrow('no reply within 3 s');
    const pid = Number(readFileSync(`${dir}/pid`, 'utf8'));
    rmSync(dir, { recursive: true });
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

/** Dead but not yet waited for is not running: whoever adopts it may take its time. */
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
