/** Kernel releases that the model knows, 4.3 to 7.3. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** Last minor release of each major. */
const lastMinor: Readonly<Record<number, number>> = { 4: 20, 5: 19, 6: 19, 7: 3 };
const FIRST = { major: 4, minor: 3 };

/**
 * Reads `6.1`, `6.1.192`, `6.1.0-18-amd64`: what follows the second number plays no part.
 * @throws Error saying what was expected, for anything else and for releases that the model does not know
 */
export function parseKernelVersion(text: string): KernelVersion {
  const match = /^(\d{1,2})\.(\d{1,3})(?:[.-].*)?$/.exec(text);
  const version = match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
  if (version === undefined || version.minor > (lastMinor[version.major] ?? -1) || isBefore(version, FIRST))
    throw new Error(`expected a kernel release from 4.3 to 7.3, such as 6.1 or 6.1.192, got "${text}"`);
  return version;
}

export function isBefore(a: KernelVersion, b: KernelVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor < b.minor);
}

export function formatKernelVersion({ major, minor }: KernelVersion): string {
  return `${major}.${minor}`;
}
