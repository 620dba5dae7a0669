import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../../spec/constants.ts';
import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const crashTable: Policy = {
  ...baseline,
  id: 'crash-table',
  phase: 'crash',
  does: 'a table made when the crash kernel is loaded is written after the panic: BME off, leaves first, no read',
  promises: 'as crash-shootdown, for the functions that were there and had BME set when the table was made',
  source: 'lkml, November 2020 (2011.1/08782 and its thread)',
  status: 'proposed, not merged',
  crashTable: (first) =>
    first.leavesFirst.flatMap((dev) => {
      const command = dev.read(COMMAND, 2);
      if ((command & COMMAND_BUS_MASTER_ENABLE) === 0) return [];
      return [{ dev, offset: COMMAND, size: 2, value: command & ~COMMAND_BUS_MASTER_ENABLE }];
    }),
};
