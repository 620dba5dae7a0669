/** Runs the command in this process and keeps what it prints. */
import { run } from '../../src/cli/program.ts';

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function captureCli(args: readonly string[]): Promise<Captured> {
  const [out, err] = [process.stdout.write, process.stderr.write];
  let stdout = '';
  let stderr = '';
  const into = (take: (text: string) => void) =>
    ((chunk: string | Uint8Array) => {
      take(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
      return true;
    }) as typeof process.stdout.write;
  process.stdout.write = into((text) => {
    stdout += text;
  });
  process.stderr.write = into((text) => {
    stderr += text;
  });
  try {
    const code = await run(args, '0.0.0');
    return { code, stdout, stderr };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
}
