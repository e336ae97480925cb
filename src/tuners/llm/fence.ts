const MOST_STRINGS = 20;

/**
 * Strings of strangers (task names, cgroups, a workload's output) for a prompt: each on a line of its own as JSON,
 * cut, without control characters or angle brackets, so that none can end the fence or look like part of the
 * prompt. What stands in the fence is announced there as data.
 * @param most characters of one string
 */
export function fenced(what: string, strings: readonly string[], most = 64): string {
  const shown = strings.slice(0, MOST_STRINGS).map((text) => JSON.stringify(plain(text, most)));
  const more = strings.length > MOST_STRINGS ? [`(${strings.length - MOST_STRINGS} more)`] : [];
  return [`<data of="${plain(what, 32).replaceAll('"', '')}">`, ...shown, ...more, '</data>'].join('\n');
}

/** One line without control characters, bidirectional marks or angle brackets, at most `most` characters long. */
export function plain(text: string, most: number): string {
  // Cut before the work: what a stranger sends may be long.
  const line = text.slice(0, 4 * most).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>]+/gu, ' ');
  const characters = [...line.replace(/ {2,}/g, ' ').trim()];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
