import { onTestFinished, vi } from 'vitest';

/** What the code under test says on stderr from now to the end of the test; it is kept off the terminal. */
export function listening(): () => string {
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  onTestFinished(() => said.mockRestore());
  return () => said.mock.calls.map(([text]) => String(text)).join('');
}
