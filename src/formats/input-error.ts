/** A mistake in what the user gave: one line that says what and where. The command ends with exit code 2 on it. */
export class InputError extends Error {
  override readonly name = 'InputError';

  /** @param message what it quotes may be any bytes: what a terminal would act on becomes U+FFFD, so that the line is one line */
  constructor(message: string) {
    super(message.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, '\ufffd'));
  }
}
