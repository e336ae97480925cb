/**
 * The text of bytes that should be UTF-8 JSON: a byte order mark counts and is left out, and UTF-16 without one shows
 * by its zeros, since JSON begins with an ASCII character (RFC 4627, section 3).
 */
export function decode(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (second === 0 && first !== undefined && first > 0) return 'utf-16le';
  return first === 0 && second !== undefined && second > 0 ? 'utf-16be' : 'utf-8';
}
