/** What the live view holds: a session while the camera is on, and what is left of the last one. */

import { signal } from "@preact/signals";
import { ApiError } from "../../api/problems";
import { forgetSession } from "../../api/stream";
import { chosenModel } from "../../state/models";
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
  if (!(await openInto(showing.video))) {
    return;
  }
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
  attempt += 1; // a camera that is being asked for is not wanted any more
  session.value?.stop();
  switchOff();
}

/** Take another camera; the session goes on. */
export async function changeCamera(id: string, video: HTMLVideoElement): Promise<void> {
  chosenCamera.value = id;
  switchOff(); // some machines open one camera at a time
  if (!(await openInto(video))) {
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

async function openInto(video: HTMLVideoElement): Promise<boolean> {
  attempt += 1;
  const mine = attempt;
  asking.value = true;
  try {
    const opened = await openCamera(chosenCamera.value);
    if (mine !== attempt) {
      closeCamera(opened);
      return false;
    }
    show(opened, video);
    cameras.value = await listCameras();
    return true;
  } catch (error) {
    trouble.value = error as ApiError;
    return false;
  } finally {
    asking.value = false;
  }
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

function goneTrouble(): ApiError {
  return new ApiError(
    "camera_gone",
    "The camera is gone",
    "It was unplugged or switched off.",
    "Connect it and start again.",
  );
}
