/** What the live view holds: a session while the camera is on, and what is left of the last one. */

import { signal } from "@preact/signals";
import { ApiError } from "../../api/problems";
import { forgetSession } from "../../api/stream";
import { chosenModel } from "../../state/models";
import { isReady } from "../../state/readiness";
import { type CameraChoice, closeCamera, listCameras, openCamera } from "./camera";
import type { Recording } from "./recording";
import { LiveSession, type SessionParts } from "./session";

/** What a session leaves: a timeline here, and one on the server where that was wanted. */
export interface Finished {
  recording: Recording;
  /** Empty where the server keeps nothing. */
  sessionId: string;
  model: string;
}

export const session = signal<LiveSession | null>(null);
export const finished = signal<Finished | null>(null);
export const cameras = signal<CameraChoice[]>([]);
export const chosenCamera = signal("");
/** Whether the browser is being asked for the camera. */
export const asking = signal(false);
/** Why the camera is not on. */
export const trouble = signal<ApiError | null>(null);

let camera: MediaStream | null = null;
let attempt = 0;

type Showing = Pick<SessionParts, "video" | "paint">;

/** Switch the camera on and begin; `keep` has the server keep a timeline, too. */
export async function start(showing: Showing, keep: boolean): Promise<void> {
  trouble.value = null;
  finished.value = null;
  if ((await openInto(showing.video)) !== "opened") {
    return;
  }
  // Nothing is waited for from here on: a camera that is on has its session.
  const sessionId = keep ? crypto.randomUUID() : "";
  const model = () => chosenModel.value?.name ?? "";
  const begun = new LiveSession({ ...showing, model, sessionId });
  session.value = begun;
  const unsubscribe = begun.phase.subscribe((phase) => {
    if (phase === "over") {
      queueMicrotask(() => unsubscribe());
      wasOver(begun, sessionId, model());
    }
  });
}

/** Stop the session, if there is one, and switch the camera off. */
export function stop(): void {
  session.value?.stop();
  switchOff();
}

/** Take another camera; the session goes on. */
export async function changeCamera(id: string, video: HTMLVideoElement): Promise<void> {
  chosenCamera.value = id;
  switchOff(); // some machines open one camera at a time
  if ((await openInto(video)) === "failed") {
    session.value?.stop();
  }
}

/** Delete what the server keeps of the last session; throws ApiError. */
export async function forgetFinished(): Promise<void> {
  const last = finished.value;
  if (last?.sessionId) {
    try {
      await forgetSession(last.sessionId);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "unknown_session") {
        throw error; // what is not there need not be deleted
      }
    }
    finished.value = { ...last, sessionId: "" };
  }
}

// Superseded: another camera was chosen meanwhile, or none is wanted any more.
async function openInto(video: HTMLVideoElement): Promise<"opened" | "failed" | "superseded"> {
  attempt += 1;
  const mine = attempt;
  asking.value = true;
  try {
    const opened = await openCamera(chosenCamera.value);
    if (mine !== attempt) {
      closeCamera(opened);
      return "superseded";
    }
    show(opened, video);
  } catch (error) {
    if (mine !== attempt) {
      return "superseded";
    }
    trouble.value = error as ApiError;
    chosenCamera.value = ""; // the one that failed is not tried for ever
    asking.value = false;
    return "failed";
  }
  asking.value = false;
  void listCameras().then(
    (found) => {
      cameras.value = found;
    },
    () => undefined, // there is one, and it is on
  );
  return "opened";
}

function show(opened: MediaStream, video: HTMLVideoElement): void {
  camera = opened;
  const [track] = opened.getVideoTracks();
  chosenCamera.value = track?.getSettings().deviceId ?? chosenCamera.value;
  // It was unplugged, or taken back in the browser's own settings.
  track?.addEventListener("ended", () => {
    trouble.value = goneTrouble();
    stop();
  });
  video.srcObject = opened;
  void video.play().catch(() => undefined); // it is interrupted when the camera changes
}

function switchOff(): void {
  attempt += 1; // a camera that is being asked for is not wanted any more
  asking.value = false;
  if (camera) {
    closeCamera(camera);
    camera = null;
  }
}

function wasOver(over: LiveSession, sessionId: string, model: string): void {
  switchOff();
  trouble.value = over.trouble.value ?? trouble.value;
  session.value = null;
  if (!over.recording.isEmpty) {
    finished.value = { recording: over.recording, sessionId, model };
  }
}

// Whoever looks whether Mien is ready knows first that it is back.
isReady.subscribe((ready) => {
  if (ready) {
    session.peek()?.retryNow();
  }
});

function goneTrouble(): ApiError {
  return new ApiError(
    "camera_gone",
    "The camera is gone",
    "It was unplugged or switched off.",
    "Connect it and start again.",
  );
}
