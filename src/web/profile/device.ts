/** In this order: most browsers claim to be others too. */
const PROGRAMS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
] as const;
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;
const LONGEST = 40;

/** What a browser says of itself, as people call it: `Firefox on Linux`. */
export function deviceOf(userAgent: string): string {
  const [, program] = PROGRAMS.find(([mark]) => userAgent.includes(mark)) ?? [];
  const [, system] = SYSTEMS.find(([mark]) => userAgent.includes(mark)) ?? [];
  if (program && system) return `${program} on ${system}`;
  return program ?? system ?? (userAgent.slice(0, LONGEST) || 'An unknown program');
}
