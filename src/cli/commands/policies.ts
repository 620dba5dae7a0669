import { policies } from '../../linux/policies/index.ts';
import { DONE } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { table } from '../render/table.ts';

export async function policiesCommand(flags: { json?: boolean }): Promise<number> {
  if (flags.json)
    printJson({
      policies: policies.map(({ id, phase, does, promises, source, status }) => ({
        id,
        phase,
        does,
        promises,
        source,
        status,
      })),
    });
  else
    print(
      table(
        ['id', 'phase', 'does', 'promises', 'status'],
        policies.map(({ id, phase, does, promises, status }) => [id, phase, does, promises, status]),
        [null, 10, 36, 32, 15],
      ),
    );
  return DONE;
}
