/** What a request is answered, before it is written as HTTP. */
export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Done when the answer is out. */
  readonly afterwards?: () => void;
}

/** A refusal: `error` is for programs, `message` for people. */
export function refusal(status: number, error: string, message?: string): Reply {
  return { status, body: { error, ...(message !== undefined && { message }) } };
}
