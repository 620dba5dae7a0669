/** All tables as one list: headers first, then standard capabilities, extended ones and DVSECs, each in the order of their IDs. */
import * as tables from '../../spec-tables/index.ts';
import type { Structure } from './structure.ts';

/** Every structure that has a table. */
export const structures: readonly Structure[] = /* @__PURE__ */ allTables();

function allTables(): Structure[] {
  const all: Structure[] = Object.values(tables);
  return all.sort((a, b) => placeOf(a) - placeOf(b));
}

function placeOf({ headerType, capabilityId, extendedCapabilityId = 0, dvsec }: Structure): number {
  if (headerType !== undefined) return headerType;
  if (capabilityId !== undefined) return 0x100 + capabilityId;
  return dvsec === undefined ? 0x1000 + extendedCapabilityId : 0x100000 + dvsec.vendor * 0x10000 + dvsec.id;
}
