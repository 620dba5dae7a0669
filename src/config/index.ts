/** Config space: bytes, masks, capabilities, BARs; what a reset does to one function. */
export { CONFIG_SPACE_SIZE, ConfigArena, type VirtualFunction } from './arena.ts';
export { type Bar, type BarKind, type BarRegister, barRegisters, ROM_BAR } from './bars.ts';
export { type Bdf, formatBdf, parseBdf, routingId } from './bdf.ts';
export {
  capability,
  type FunctionDescription,
  opaqueExtendedCapability,
  type PlacedCapability,
  type RegisterValues,
  type0Function,
  type1Function,
} from './builder.ts';
export { type CapabilityEntry, type CapabilityWalk, walkCapabilities } from './capabilities.ts';
export type { DataObjectProtocol } from './data-object-mailbox.ts';
export type { FunctionImage } from './function-image.ts';
export { type Layout, Layouts } from './layout.ts';
export { registerNameAt } from './register-name.ts';
export type { AccessSize, BehaviourEvent } from './registers.ts';
export type { ResetKind } from './reset.ts';
