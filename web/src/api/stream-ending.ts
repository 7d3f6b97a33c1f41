/** What the end of a live stream means: whether it is an error, and worth another try. */

import { type ApiError, errorOf, unreachable } from "./problems";

/** How a stream ended; no error means that it was stopped. */
export interface Ending {
  error: ApiError | null;
  /** Whether a new stream may succeed without anybody doing anything. */
  again: boolean;
}

const NORMAL = 1000;
/** No word of why: the connection is gone. */
export const LOST = 1006;
const PASSING = new Set([1001, 1011, 1012, 1013, 1014]);

const DETAILS: Record<string, string> = {
  shutting_down: "The gateway stops or is started anew.",
  stream_idle: "No frame was sent for a while.",
  stream_too_long: "A live stream has lasted as long as one may.",
  overloaded: "As many streams as this Mien takes are open.",
  unknown_model: "The model is not served any more.",
  rate_limited: "More frames were sent than this key may send.",
  unauthenticated: "The API key is missing or wrong.",
};

/** Read a close code and its reason, which is an error's code. */
export function endingOf(code: number, reason: string): Ending {
  if (code === NORMAL) {
    return { error: null, again: false };
  }
  if (code === LOST) {
    return { error: unreachable(), again: true };
  }
  const detail = DETAILS[reason] ?? `The stream was closed (${code} ${reason}).`;
  return {
    error: errorOf(reason || "stream_closed", "The stream was closed", detail),
    again: PASSING.has(code) || reason === "stream_idle",
  };
}
