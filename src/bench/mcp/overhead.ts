import { TunesmithError } from '../../errors.js';
import { BareHttp } from './bare-http.js';
import { META, Served } from './served.js';

const RULES = 'version: 1\nrules: [{ name: all, tools: ["**"], decide: allow }]\n';
const TOKEN = 'bench-token-0123456789';
/** The tool with the least to do: what is left is the way there and back. */
const TOOL = 'observability.perf.list_collectors';
const WARM_UP = 500;
const AT_ONCE = 16;

export interface Overhead {
  readonly transport: 'stdio' | 'HTTP';
  /** One call after the other, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Many at once: calls in a second of the server's own CPU time, which is what one core would do. */
  readonly callsPerCpuS: number;
}

type Call = () => Promise<unknown>;

async function timed(served: Served, call: Call, calls: number): Promise<Omit<Overhead, 'transport'>> {
  for (let i = 0; i < WARM_UP; i++) await call();
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => times[Math.floor(share * times.length)] as number);
  const before = served.cpuMs();
  let left = calls * 4;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const callsPerCpuS = (calls * 4) / ((served.cpuMs() - before) / 1000);
  return { p50Ms: p50Ms as number, p99Ms: p99Ms as number, callsPerCpuS };
}

async function overStdio(calls: number): Promise<Overhead> {
  const served = new Served(RULES);
  try {
    return { transport: 'stdio', ...(await timed(served, () => served.call(TOOL, {}), calls)) };
  } finally {
    await served.close();
  }
}

/** Where it listens, once it says so. */
async function urlOf(served: Served): Promise<URL> {
  for (;;) {
    const found = /http:\/\/\S+\/mcp/.exec(served.said);
    if (found) return new URL(found[0]);
    if (served.child.exitCode !== null) throw new TunesmithError('rejected', served.said);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function overHttp(calls: number): Promise<Overhead> {
  const served = new Served(RULES, ['--http', '0'], TOKEN);
  const clients: BareHttp[] = [];
  try {
    const url = await urlOf(served);
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: TOOL, arguments: {}, _meta: META },
    });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${TOKEN}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': TOOL,
    };
    for (let i = 0; i < AT_ONCE; i++) clients.push(new BareHttp(url, headers, body));
    const idle = [...clients];
    const call: Call = async () => {
      const client = idle.pop() as BareHttp;
      await client.call();
      idle.push(client);
    };
    return { transport: 'HTTP', ...(await timed(served, call, calls)) };
  } finally {
    for (const client of clients) client.close();
    await served.close();
  }
}

/** What a call of a tool costs besides its work, journalled in the ledger like every call. */
export const overhead = async (calls: number): Promise<readonly Overhead[]> => [
  await overStdio(calls),
  await overHttp(calls),
];
