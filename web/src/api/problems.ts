/** What can go wrong between the page and the gateway, in words a person can act on. */

import type { Problem } from "./schema";

/** An error with a stable `code`, what happened, and what to do next. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly advice: string,
    /** Seconds after which it is worth asking again; null where it is not. */
    readonly retryAfter: number | null = null,
    readonly requestId: string | null = null,
  ) {
    super(`${title}: ${detail}`);
  }
}

const ADVICE: Record<string, string> = {
  empty_image: "Choose a file that is not empty.",
  unsupported_media_type: "Choose a JPEG, PNG, WebP or BMP picture.",
  unsupported_video: "Choose an MP4, MOV, MKV, WebM or AVI video.",
  image_too_large: "Choose a smaller picture, or make this one smaller.",
  too_many_pixels: "Choose a picture with fewer pixels.",
  unreadable_image: "The file seems to be damaged or cut off: choose another one.",
  video_too_large: "Choose a shorter or smaller video.",
  unreadable_video: "The file seems to be damaged: choose another one.",
  no_frames_in_range: "Choose another start or end.",
  too_many_frames: "Analyse fewer frames a second, or a shorter stretch.",
  video_too_long: "Choose a shorter stretch, by start and end.",
  video_too_many_pixels: "Make the video smaller, or choose another one.",
  video_time_over: "Choose a shorter stretch, or fewer frames a second.",
  worker_lost: "Analyse the video again; if it stays, choose another one.",
  upload_too_slow: "Choose a shorter or smaller video, or a faster connection.",
  stream_too_long: "Start again; ask the people in front of the camera once more.",
  unauthenticated: "Enter the API key that the operator of this Mien gave you.",
  rate_limited: "Wait a moment: this Mien limits how often one may ask.",
  overloaded: "Wait a moment: many people are asking now.",
  detector_unavailable: "Wait a moment: the face detector is starting or away.",
  model_server_unavailable:
    "Wait a moment, or choose the other framework: this model's server is starting or away.",
  job_store_unavailable: "Videos need Redis, which is away or full: ask whoever runs this Mien.",
  deadline_exceeded: "Ask again: the answer took too long.",
  unknown_model: "Choose another model: this one is no longer served.",
  no_twin: "Choose another model: this one runs in one framework alone.",
  no_card: "Ask whoever runs this Mien where the model comes from.",
  unknown_video: "Send the video again: its results have expired.",
  no_face: "Choose a picture in which a face can be seen from the front.",
  consent_required: "The people in front of the camera must agree first.",
};

const WHATEVER = "Try again; if it stays, give the request's id to whoever runs this Mien.";

// The gateway tells callers of its API what to do, after a colon; people on the page have other ways.
const REMEDY = /: (?:ask|choose|cut|lower|scale|send|try) .*$/;

/** The error that a code stands for. */
export function errorOf(
  code: string,
  title: string,
  detail: string,
  retryAfter: number | null = null,
  requestId: string | null = null,
): ApiError {
  const advice = ADVICE[code];
  const what = advice ? detail.replace(REMEDY, "") : detail;
  return new ApiError(code, title, what, advice ?? WHATEVER, retryAfter, requestId);
}

/** A detail as a sentence of its own: the gateway's have no full stop. */
export function sentence(detail: string): string {
  return detail === "" || /[.!?]$/.test(detail) ? detail : `${detail}.`;
}

/** Nobody answered at all. */
export function unreachable(): ApiError {
  return new ApiError(
    "unreachable",
    "Mien does not answer",
    "The gateway cannot be reached.",
    "Check that it runs (make status); this page goes on by itself when it is back.",
    2,
  );
}

/** An answer began, and did not come to its end. */
export function cutOff(): ApiError {
  return new ApiError(
    "answer_cut_off",
    "The answer was cut off",
    "The connection ended before the whole answer had arrived.",
    "Check the connection between this browser and Mien.",
    2,
  );
}

/** The error that an answer which is not 2xx stands for. */
export async function problemOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  if (!problem?.code) {
    const detail = `The answer had status ${response.status}.`;
    return errorOf("unexpected_answer", "Unexpected answer", detail, retryAfter);
  }
  return errorOf(
    problem.code,
    problem.title ?? "Error",
    problem.detail ?? "",
    retryAfter,
    problem.request_id ?? null,
  );
}
