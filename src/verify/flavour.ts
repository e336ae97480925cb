/** A name as the kernel knows it: libbpf does not look at what follows its last `___`. */
export const essentialName = (name: string): string => name.replace(/___(?!.*___).*$/, '');
