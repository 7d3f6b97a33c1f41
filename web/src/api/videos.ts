/** Videos as jobs: sent, followed, cancelled, and what comes of them. */

import type { EventSourceMessage } from "eventsource-parser";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { ask, askJson, askWhole } from "./ask";
import { keyHeader, wantKey } from "./key";
import { ApiError, errorOf, problemOf, unreachable } from "./problems";
import type { VideoJob, VideoResults } from "./schema";

/** What is wanted of a video; `start` and `end` are seconds, `end` null means its end. */
export interface VideoChoices {
  model: string;
  sampleRate: number;
  start: number;
  end: number | null;
  annotate: boolean;
}

/** What the server makes of a video. */
export type VideoFile = "timeline.csv" | "subtitles.vtt" | "annotated.mp4" | "results.json";

const FOLLOW_MS = 24 * 3600 * 1000;
const DOWNLOAD_MS = 600_000;
const RECONNECT_MS = 1000;
/** The gateway says something every 10 seconds; a line that is longer silent is dead. */
const SILENCE_MS = 30_000;

/** The address of one of a job's files; it opens without a header where no key is needed. */
export const videoFileAddress = (id: string, name: VideoFile) => `${addressOf(id)}/${name}`;

/** One of a job's files, whole. */
export const videoFile = (id: string, name: VideoFile) =>
  askWhole(videoFileAddress(id, name), (response) => response.blob(), {
    deadlineMs: DOWNLOAD_MS,
  });

/** Every frame that was analysed. */
export const videoResults = (id: string, signal?: AbortSignal) =>
  askJson<VideoResults>(videoFileAddress(id, "results.json"), {
    deadlineMs: DOWNLOAD_MS,
    ...(signal ? { signal } : {}),
  });

/** End a job, and delete everything that came of it; one that has expired is no error. */
export async function deleteVideo(id: string): Promise<void> {
  try {
    await ask(addressOf(id), { method: "DELETE" });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "unknown_video") {
      throw error;
    }
  }
}

/**
 * Send a video; `onProgress` hears the share that has left, from 0 to 1.
 *
 * Aborted too late, when all of it has left, it still gives the job.
 *
 * An XMLHttpRequest, because fetch does not tell how far it has come.
 */
export function uploadVideo(
  file: File,
  choices: VideoChoices,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<VideoJob> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/videos?${queryOf(choices)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(keyHeader())) {
      request.setRequestHeader(name, value);
    }
    let share = 0;
    request.upload.onprogress = (event) => {
      share = event.total > 0 ? event.loaded / event.total : 0;
      onProgress(share);
    };
    request.onload = () => {
      answered(request).then(resolve, reject);
    };
    request.onerror = () => reject(share > 0 ? uploadCutOff() : unreachable());
    request.onabort = () => reject(signal.reason);
    // What has left entirely may be a job already: its answer says which one.
    signal.addEventListener("abort", () => share < 1 && request.abort(), { once: true });
    request.send(file);
  });
}

/**
 * A job from how it is now to its final state, which is the last one.
 *
 * A connection that is lost is made again. Throws ApiError where the job is gone.
 */
export async function* followVideo(id: string, signal: AbortSignal): AsyncGenerator<VideoJob> {
  while (true) {
    try {
      for await (const event of eventsOf(id, signal)) {
        if (event.event === "gone") {
          throw errorOf("unknown_video", "The video is gone", "It was deleted on the server.");
        }
        yield JSON.parse(event.data) as VideoJob;
        if (event.event === "end") {
          return;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError && error.retryAfter === null) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    signal.throwIfAborted();
  }
}

async function* eventsOf(id: string, signal: AbortSignal) {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(unreachable()), SILENCE_MS);
  };
  // Before they are parsed: heartbeats are no events.
  const listening = new TransformStream<string, string>({
    transform(text, controller) {
      heard();
      controller.enqueue(text);
    },
  });
  heard();
  let reader: ReadableStreamDefaultReader<EventSourceMessage> | undefined;
  try {
    const response = await ask(`${addressOf(id)}/events`, {
      signal: AbortSignal.any([signal, silence.signal]),
      deadlineMs: FOLLOW_MS,
    });
    reader = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(listening)
      .pipeThrough(new EventSourceParserStream())
      .getReader();
    while (reader) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await reader?.cancel().catch(() => undefined);
  }
}

async function answered(request: XMLHttpRequest): Promise<VideoJob> {
  if (request.status === 202) {
    return JSON.parse(request.responseText) as VideoJob;
  }
  const wait = request.getResponseHeader("Retry-After");
  const headers = wait === null ? {} : { "Retry-After": wait };
  const problem = await problemOf(
    new Response(request.responseText, { status: request.status, headers }),
  );
  if (problem.code === "unauthenticated") {
    wantKey();
  }
  throw problem;
}

function uploadCutOff(): ApiError {
  return new ApiError(
    "upload_cut_off",
    "The upload was cut off",
    "The connection ended before the whole video had arrived.",
    "Send it again; if it stays, the video may be larger than this Mien takes.",
  );
}

function queryOf({ model, sampleRate, start, end, annotate }: VideoChoices): string {
  const query = new URLSearchParams({
    model,
    sample_rate: String(sampleRate),
    start: String(start),
    annotate: String(annotate),
  });
  if (end !== null) {
    query.set("end", String(end));
  }
  return query.toString();
}

const addressOf = (id: string) => `/v1/videos/${encodeURIComponent(id)}`;
