const PRINTABLE = (byte: number): boolean => byte >= 0x20 && byte < 0x7f && byte !== 0x5c;

/**
 * A task's name for people, terminals and prompts. Any process may choose these bytes, so all but printable ASCII is
 * shown as `\xNN`.
 */
export function shownName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end))
    text += PRINTABLE(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}
