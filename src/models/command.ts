import { spawn } from 'node:child_process';
import type { ConfigOf } from './config.js';
import { decode } from './decode.js';
import { ModelError } from './failure.js';
import { asText } from './form.js';
import type { Caller } from './http.js';
import { withoutThoughts } from './thoughts.js';
import type { Send, WireRequest } from './types.js';

/** A program does not count its tokens: that many bytes are taken for one. */
const BYTES_A_TOKEN = 4;
const MOST_QUOTED = 300;

/**
 * A program that reads the request on its standard input and prints the reply: a CLI agent, a script. No shell. It
 * leads a process group of its own, which ends with the attempt, so that nothing it started outlives the call.
 */
export function commandSend({ command }: ConfigOf<'command'>, caller: Caller): Send {
  const [program = '', ...args] = command;
  return (request, signal) =>
    new Promise((resolve, reject) => {
      const most = BYTES_A_TOKEN * request.maxOutputTokens;
      const child = spawn(program, args, { stdio: 'pipe', detached: true });
      const end = () => endGroup(child.pid);
      signal.addEventListener('abort', end, { once: true });
      let size = 0;
      const out: Buffer[] = [];
      let complaint = '';
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > most) end();
        else out.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        complaint = (complaint + chunk.toString('utf8')).slice(-MOST_QUOTED);
      });
      child.on('error', (cause) => {
        const hint = 'give the program’s full path, or put it on PATH';
        reject(
          new ModelError('model', `${caller.name}: cannot be started: ${cause.message}`, { hint, cause }),
        );
      });
      child.on('close', (code, by) => {
        signal.removeEventListener('abort', end);
        end();
        if (signal.aborted) reject(signal.reason);
        else if (size > most)
          reject(
            new ModelError('reply', `${caller.name}: the reply is longer than ${most} bytes`, {
              hint: 'let it print the reply alone, or raise maxOutputTokens in the configuration',
            }),
          );
        else if (code !== 0) {
          const said = caller
            .redact(complaint)
            .replace(/[\s\p{Cc}]+/gu, ' ')
            .trim();
          reject(new ModelError('request', `${caller.name}: ended with ${by ?? code}: ${said}`));
        } else {
          const text = decode(Buffer.concat(out));
          const thought = withoutThoughts(text).thought ? { thought: true } : {};
          resolve({ text, usage: null, model: caller.name, ...thought });
        }
      });
      // A program that does not read its input to the end is no failure of the call.
      child.stdin.on('error', () => {});
      child.stdin.end(promptOf(request));
    });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function promptOf(request: WireRequest): string {
  const { system, messages } = asText(request);
  const turns = messages.map(({ role, text }) => (role === 'model' ? `You replied:\n${text}` : text));
  return `${[system, ...turns].join('\n\n')}\n`;
}
