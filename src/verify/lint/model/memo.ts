/** What is worked out of each object once, however many rules ask for it; it goes with the object. */
export function perNode<Subject extends object, Result>(
  work: (subject: Subject) => Result,
): (subject: Subject) => Result {
  const known = new WeakMap<Subject, { readonly result: Result }>();
  return (subject) => {
    const found = known.get(subject) ?? { result: work(subject) };
    known.set(subject, found);
    return found.result;
  };
}
