/** The camera: opened, chosen, closed, and in words what can go wrong with it. */

import { ApiError } from "../../api/problems";

/** A camera that can be chosen. */
export interface CameraChoice {
  id: string;
  name: string;
}

/** Ask the browser for a camera; any one where `id` is empty. Throws ApiError. */
export async function openCamera(id: string): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw troubleOf(isSecureContext ? "NotSupportedError" : "InsecureContext");
  }
  const video = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    ...(id ? { deviceId: { exact: id } } : { facingMode: "user" }),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw troubleOf(error instanceof Error ? error.name : String(error));
  }
}

/** Switch the camera off, and its light with it. */
export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}

/** The cameras there are; their names are known once one has been allowed. */
export async function listCameras(): Promise<CameraChoice[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === "videoinput")
    .map((device, index) => ({ id: device.deviceId, name: device.label || `Camera ${index + 1}` }));
}

const TROUBLES: Record<string, [title: string, detail: string, advice: string]> = {
  NotAllowedError: [
    "The camera is not allowed",
    "The browser was told not to let this page see it.",
    "Allow the camera for this page, in the browser's address bar or settings, and start again.",
  ],
  NotFoundError: [
    "There is no camera",
    "This machine has none, or it is switched off.",
    "Connect a camera and start again.",
  ],
  NotReadableError: [
    "The camera is in use",
    "It cannot be opened, mostly because another program has it.",
    "Close the other program, or choose another camera.",
  ],
  OverconstrainedError: [
    "The camera is gone",
    "The one that was chosen is not there any more.",
    "Choose another camera.",
  ],
  InsecureContext: [
    "The camera needs a safe connection",
    "Browsers open it only for pages that came by HTTPS, or from localhost.",
    "Open this page by https://, or on the machine itself as http://localhost.",
  ],
  NotSupportedError: [
    "This browser has no camera for pages",
    "It does not offer getUserMedia.",
    "Use another browser.",
  ],
};

/** What the name of a browser's error means; same for its synonyms. */
export function troubleOf(name: string): ApiError {
  const same: Record<string, string> = {
    SecurityError: "NotAllowedError",
    DevicesNotFoundError: "NotFoundError",
    TrackStartError: "NotReadableError",
    AbortError: "NotReadableError",
  };
  const [title, detail, advice] = TROUBLES[same[name] ?? name] ?? [
    "The camera cannot be opened",
    `The browser says ${name}.`,
    "Start again, or choose another camera.",
  ];
  return new ApiError(`camera_${name}`, title, detail, advice);
}
