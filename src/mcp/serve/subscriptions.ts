import type { McpServer } from '@modelcontextprotocol/server';

/** The URIs a client of a 2025 session wants to hear of. (A 2026 client listens, and the SDK keeps its list.) */
export function acceptSubscriptions(server: McpServer): ReadonlySet<string> {
  const wanted = new Set<string>();
  server.server.setRequestHandler('resources/subscribe', ({ params }) => {
    if (wanted.size < 1000) wanted.add(params.uri);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    wanted.delete(params.uri);
    return {};
  });
  return wanted;
}
