import type { Account } from '../../mcp/serve/services.js';

export const account = (): Account => ({ record: () => {}, changed: () => {}, lines: () => [] });
