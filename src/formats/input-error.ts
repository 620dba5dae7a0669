/** A mistake in what the user gave: one line that says what and where. The command ends with exit code 2 on it. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
