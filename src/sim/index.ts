/** What a higher-level simulator holds: device models with BAR handlers and DMA, and the memory behind the root complex. */
export { HostMemory } from '../fabric/host-memory.ts';
export type { AtomicOperation, DeviceModel, DevicePort, Transfer } from './device-model.ts';
export { type MessageHandler, Simulator } from './simulator.ts';
export { type RequestPart, splitRequest } from './split-request.ts';
