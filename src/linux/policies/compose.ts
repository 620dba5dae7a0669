/** Several remedies at once. They must not contradict each other: what comes of them does not depend on their order. */
import type { ClearMasterRule } from '../kernel.ts';
import type { KernelRules } from '../kernel-rules.ts';
import { kexecOnly, type Policy, type ShutdownPath, type Situation } from './policy.ts';

/** The release's rules as the remedies change them; the rules of another release come first. */
export function composedRules(policies: readonly Policy[], release: KernelRules): KernelRules {
  const inOrder = [...policies.filter(({ isRelease }) => isRelease), ...policies.filter(({ isRelease }) => !isRelease)];
  return inOrder.reduce((rules, policy) => policy.rules?.(rules) ?? rules, release);
}

export function composedClearMasterRule(policies: readonly Policy[]): ClearMasterRule {
  return policies.find((policy) => policy.clearMasterRule)?.clearMasterRule ?? kexecOnly;
}

export function composedPath(policies: readonly Policy[], path: ShutdownPath): ShutdownPath {
  return policies.find((policy) => policy.path !== undefined)?.path ?? path;
}

/** Each of them promises it. */
export function allPromise(policies: readonly Policy[], situation: Situation): boolean {
  return policies.every((policy) => policy.isSafe(situation));
}

/**
 * @param release rules of the kernel that they change
 * @throws RangeError naming two that contradict each other, and in what
 */
export function expectNoContradiction(policies: readonly Policy[], release: KernelRules): void {
  for (const [i, one] of policies.entries())
    for (const other of policies.slice(i + 1)) {
      const what = contradiction(one, other, release);
      if (what !== undefined) throw new RangeError(`${one.id} and ${other.id} contradict each other: ${what}`);
    }
}

function contradiction(one: Policy, other: Policy, release: KernelRules): string | undefined {
  const differ = <K extends keyof Policy>(key: K) =>
    one[key] !== undefined && other[key] !== undefined && one[key] !== other[key];
  if (one.id === other.id) return undefined;
  if (differ('path')) return `one runs on path ${one.path}, the other on ${other.path}`;
  if (one.isRelease && other.isRelease) return 'each stands for a release';
  if (differ('clearMasterRule')) return 'each says when a shutdown clears Bus Master Enable';
  if (differ('kdumpIommu')) return 'each says what the kdump kernel does with the IOMMU';
  if (differ('secondBinding')) return 'each says which drivers the second kernel has';
  if (one.isRelease || other.isRelease || one.rules === undefined || other.rules === undefined) return undefined;
  const [forth, back] = [other.rules(one.rules(release)), one.rules(other.rules(release))];
  const key = (Object.keys(forth) as (keyof KernelRules)[]).find((name) => forth[name] !== back[name]);
  return key && `each has its own ${key}`;
}
