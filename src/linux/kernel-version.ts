/** Kernel releases that the model knows, 4.3 to 7.3. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
}

/** Last minor release of each major. */
const lastMinor: Readonly<Record<number, number>> = { 4: 20, 5: 19, 6: 19, 7: 3 };
const FIRST = { major: 4, minor: 3 };

/**
 * Two or three numbers, and what a build appends, as `uname -r` prints it: `-rc1`, `-25-amd64`, `+deb13-amd64`, `_1`, `+`. A fourth
 * number comes with such a suffix only (`6.6.87.2-microsoft-standard-WSL2`).
 */
const release = /^([1-9]\d?)\.(0|[1-9]\d?)(?:\.(?:0|[1-9]\d*)(?:\.\d+(?=-))?)?(?:\+|[-+_~][0-9a-z][0-9a-z._+~-]*)?$/i;

/**
 * Reads `6.1`, `6.1.192`, `6.1-rc1`, `6.1.0-25-amd64`: what follows the second number plays no part.
 * @throws Error saying what was expected, for anything else and for releases that the model does not know
 */
export function parseKernelVersion(text: string): KernelVersion {
  const match = release.exec(text);
  const version = match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
  if (version === undefined || !isKnown(version))
    throw new Error(`expected a kernel release from 4.3 to 7.3, such as 6.1 or 6.1.192, got "${text}"`);
  return version;
}

/** @throws RangeError for what is no release that the model knows, a text (which `parseKernelVersion` reads) among it */
export function expectKernelVersion(version: KernelVersion): void {
  if (!isKnown(version))
    throw new RangeError(
      `kernel: expected { major, minor } of a release from 4.3 to 7.3, as parseKernelVersion gives it, got ${JSON.stringify(version)}`,
    );
}

function isKnown(version: KernelVersion | undefined): boolean {
  const { major, minor } = version ?? { major: Number.NaN, minor: Number.NaN };
  if (!Number.isInteger(major) || !Number.isInteger(minor) || minor < 0) return false;
  return minor <= (lastMinor[major] ?? -1) && !isBefore({ major, minor }, FIRST);
}

export function isBefore(a: KernelVersion, b: KernelVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor < b.minor);
}

export function formatKernelVersion({ major, minor }: KernelVersion): string {
  return `${major}.${minor}`;
}
