/** The camera's picture with the faces over it, and what state the session is in. */

import { CameraOff } from "lucide-preact";
import type { Ref } from "preact";
import type { LiveSession, Phase } from "./session";

interface Properties {
  video: Ref<HTMLVideoElement>;
  canvas: Ref<HTMLCanvasElement>;
  mirrored: boolean;
  session: LiveSession | null;
}

const WORDS: Record<Phase, string> = {
  connecting: "Connecting …",
  running: "Live",
  waiting: "Mien does not answer: trying again …",
  paused: "Paused",
  over: "Stopped",
};

export function Stage({ video, canvas, mirrored, session }: Properties) {
  const phase = session?.phase.value ?? "over";
  return (
    <div class={session ? "stage live" : "stage live off"}>
      <video ref={video} class={mirrored ? "mirrored" : ""} playsInline muted aria-label="Camera" />
      <canvas ref={canvas} />
      {!session && (
        <div class="nothing">
          <CameraOff size={40} aria-hidden="true" />
          <p>The camera is off.</p>
        </div>
      )}
      <p class={`phase ${phase}`} role="status" aria-label="State of the stream">
        {WORDS[phase]}
      </p>
    </div>
  );
}
