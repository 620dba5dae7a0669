/** Registers as data: the spec tables, the constants derived from them, and the folding of tables into masks. */

export { correctableErrors } from '../../spec-tables/correctable-errors.ts';
export * from '../../spec-tables/index.ts';
export { messageCodes, messageRouting } from '../../spec-tables/message-codes.ts';
export { type PortType, portTypes } from '../../spec-tables/port-types.ts';
export {
  completionStatus,
  type TlpKind,
  type TlpType,
  type TlpTypeName,
  tlpTypes,
} from '../../spec-tables/tlp-types.ts';
export { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
export * from './constants.ts';
export { type ExpandContext, expandStructure, readField } from './expand.ts';
export { conditionsThatHold, emptyMasks, foldStructure, type Masks, presentRegisters } from './fold.ts';
export {
  type Attribute,
  type Behaviour,
  type Block,
  type Condition,
  type Count,
  type Field,
  type FieldTest,
  fieldMask,
  fieldNamed,
  type Otherwise,
  type Register,
  registerNamed,
  type Structure,
} from './structure.ts';
export { structures } from './structures.ts';
