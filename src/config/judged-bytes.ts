/** Which bytes of a function the spec says something of: the header, and each listed capability as far as it reaches. */
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import type { Register } from '../spec/structure.ts';
import type { CapabilityEntry } from './capabilities.ts';
import { expressOf, placedStructures, portTypeOf } from './placed-structures.ts';

const HEADER_BYTES = 0x40;

/** The register that covers each byte; undefined for a byte that no structure reaches. Capability headers count as `header`. */
export type ByteOwner = { readonly register: Register; readonly at: number } | 'header' | undefined;

/** @returns one entry a byte of the space */
export function byteOwners(bytes: Uint8Array, entries: readonly CapabilityEntry[]): ByteOwner[] {
  const owners: ByteOwner[] = new Array(bytes.length).fill(undefined);
  owners.fill('header', 0, HEADER_BYTES);
  for (const { offset, extended } of entries) owners.fill('header', offset, offset + (extended ? 4 : 2));
  const portType = portTypeOf(bytes, entries);
  const express = expressOf(entries);
  for (const { structure, at } of placedStructures(bytes, entries))
    for (const register of presentRegisters(structure, conditionsThatHold(structure, bytes, at, portType, express)))
      for (let i = 0; i < register.width / 8 && at + register.offset + i < bytes.length; i++)
        owners[at + register.offset + i] = { register, at };
  return owners;
}
