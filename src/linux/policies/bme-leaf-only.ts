import { bridgesForward, type Policy } from './policy.ts';

export const bmeLeafOnly: Policy = {
  id: 'bme-leaf-only',
  phase: 'shutdown',
  does: 'after each .shutdown, BME is cleared on everything but bridges; the port driver leaves its port enabled',
  promises: 'no UR in any order, on a machine whose bridges all forward when the shutdown begins; DMA stops',
  isSafe: bridgesForward,
  source: 'a variant of the model',
  status: 'a variant',
  rules: (rules) => ({
    ...rules,
    portShutdown: rules.portShutdown === 'remove' ? 'services-only' : rules.portShutdown,
  }),
  clearMasterRule: (_, dev) => !dev.isBridge,
};
