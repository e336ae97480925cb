import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { decide } from './mind.js';
import { countTokens } from './tokens.js';

const body = z.object({ messages: z.array(z.object({ content: z.string() })) });

/** The scripted model behind the chat completions protocol, on the loopback. */
export interface ScriptedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** What a scripted model says to a prompt; requests count from 0. */
export type Script = (prompt: string, nth: number) => string;

/** @param script default: one that tunes */
export async function scriptedServer(script: Script = tuning): Promise<ScriptedServer> {
  let asked = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { messages } = body.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      const prompt = messages.map(({ content }) => content).join('\n');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply(prompt, script(prompt, asked++))));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function tuning(prompt: string): string {
  const analysis =
    'The last windows agree with the trend, so the next setting stays near the best so far, where the turn is ' +
    'short enough for waking tasks and switching does not yet cost much.';
  return JSON.stringify({ analysis, config: decide(prompt), observe: null });
}

const reply = (prompt: string, text: string): unknown => ({
  model: 'scripted',
  choices: [{ message: { role: 'assistant', content: text } }],
  usage: { prompt_tokens: countTokens(prompt), completion_tokens: countTokens(text) },
});
