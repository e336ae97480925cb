/** A pattern as an expression: `*` stays within a part (between dots or slashes), `**` does not. */
export function matcher(pattern: string): RegExp {
  const parts = pattern
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^./]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${parts.join('')}$`, 's');
}

export const matchers = (patterns: readonly string[] | undefined): readonly RegExp[] | undefined =>
  patterns?.map(matcher);

/** Whether a name fits one of the patterns; no patterns fit everything. */
export const fits = (patterns: readonly RegExp[] | undefined, name: string): boolean =>
  patterns === undefined || patterns.some((pattern) => pattern.test(name));
