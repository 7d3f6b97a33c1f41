/** A live session: the camera's frames to the gateway and its answers back, through all weathers. */

import { batch, signal } from "@preact/signals";
import type { ApiError } from "../../api/problems";
import { type FrameResult, FrameStream, type Ready } from "../../api/stream";
import type { Ending } from "../../api/stream-ending";
import { onVideoFrames } from "../../parts/video-frames";
import { pauseBefore } from "./back-off";
import { type LiveFigures, Measuring } from "./figures";
import { FrameGrabber } from "./grabber";
import { Recording } from "./recording";
import { type FollowedFace, LiveTracks } from "./tracks";

/** Whether answers come, are waited for, or are not wanted now. */
export type Phase = "connecting" | "running" | "waiting" | "paused" | "over";

/** What the session works with. */
export interface SessionParts {
  video: HTMLVideoElement;
  /** The model to ask, asked for at each connection. */
  model: () => string;
  /** Under which the gateway keeps a timeline; empty for none. */
  sessionId: string;
  /** Paints the faces of a frame, at once. */
  paint: (faces: readonly FollowedFace[], extent: FrameResult["image"]) => void;
}

const FIGURES_MS = 500;

/** One session from start to stop; `phase` is "over" after that for ever. */
export class LiveSession {
  readonly phase = signal<Phase>("connecting");
  readonly faces = signal<readonly FollowedFace[]>([]);
  readonly figures = signal<LiveFigures>(new Measuring().read(0));
  /** Why answers do not come; null while they do. */
  readonly trouble = signal<ApiError | null>(null);
  readonly recording = new Recording();
  readonly tracks = new LiveTracks();

  private readonly measuring = new Measuring();
  private readonly grabber = new FrameGrabber();
  private readonly began = performance.now();
  private readonly ending = new AbortController();
  private stream: FrameStream | null = null;
  private ready: Ready | null = null;
  private attempts = 0;
  private restUntil = 0;
  private retry = 0;
  private seen: readonly FollowedFace[] = [];

  constructor(private readonly parts: SessionParts) {
    const stopFrames = onVideoFrames(parts.video, () => this.look());
    const ticking = setInterval(() => this.tick(), FIGURES_MS);
    this.ending.signal.addEventListener("abort", () => {
      stopFrames();
      clearInterval(ticking);
      clearTimeout(this.retry);
    });
    document.addEventListener("visibilitychange", () => this.seeVisibility(), {
      signal: this.ending.signal,
    });
    this.connect();
  }

  /** Seconds since the session began. */
  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** End it: what is under way is still answered, no more is sent. */
  stop(): void {
    this.finish(null);
  }

  /** Go on with the model that is chosen now. */
  reconnect(): void {
    if (this.phase.value === "running" || this.phase.value === "connecting") {
      this.leave();
      this.connect();
    }
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.phase.value = "connecting";
    this.ready = null;
    this.measuring.restart();
    this.tracks.restart();
    const { model, sessionId } = this.parts;
    // What a stream that was left still says is not heard any more.
    const heard =
      <Said extends unknown[]>(hear: (...said: Said) => void) =>
      (...said: Said) => {
        if (this.stream === stream) {
          hear(...said);
        }
      };
    const stream: FrameStream = new FrameStream(
      { model: model(), session: sessionId },
      {
        ready: heard((ready: Ready) => this.isReady(ready)),
        result: heard((result: FrameResult, latency: number) => this.take(result, latency)),
        refused: heard((error: ApiError) => this.takeRefusal(error)),
        ended: heard((ending: Ending) => this.wasEnded(ending)),
      },
    );
    this.stream = stream;
  }

  private leave(): void {
    const { stream } = this;
    this.stream = null;
    stream?.stop();
  }

  private isReady(ready: Ready): void {
    this.ready = ready;
    this.phase.value = "running";
  }

  private look(): void {
    const { stream, ready } = this;
    if (!stream || !ready || document.hidden) {
      return;
    }
    const now = performance.now();
    if (this.grabber.isBusy || !stream.hasRoom || now < this.restUntil) {
      this.measuring.skip();
      return;
    }
    void this.grabber.grab(this.parts.video).then((jpeg) => {
      if (jpeg && this.stream === stream) {
        stream.send(jpeg, now);
      }
    });
  }

  private take(result: FrameResult, latency: number): void {
    const { ready } = this;
    if (!ready) {
      return;
    }
    this.attempts = 0;
    this.trouble.value = null;
    this.measuring.add(performance.now(), latency, result.dropped_frames);
    const faces = this.tracks.follow(result.faces);
    this.tracks.add(this.seconds, ready.labels, faces);
    this.recording.add(this.seconds, ready.model.name, ready.labels, faces);
    this.seen = faces;
    this.parts.paint(faces, result.image);
  }

  private takeRefusal(error: ApiError): void {
    this.trouble.value = error;
    this.restUntil = performance.now() + (error.retryAfter ?? 0) * 1000;
    this.forgetFaces();
  }

  private wasEnded({ error, again }: Ending): void {
    this.stream = null;
    this.ready = null;
    this.forgetFaces();
    if (!again) {
      this.finish(error);
      return;
    }
    this.trouble.value = error;
    this.phase.value = "waiting";
    this.retry = window.setTimeout(() => this.connect(), pauseBefore(this.attempts));
    this.attempts += 1;
  }

  private finish(error: ApiError | null): void {
    if (this.phase.value === "over") {
      return;
    }
    this.ending.abort();
    this.leave();
    this.forgetFaces();
    batch(() => {
      this.tick();
      this.trouble.value = error;
      this.phase.value = "over";
    });
  }

  // Nobody looks: nothing need be sent, and nothing is.
  private seeVisibility(): void {
    if (document.hidden) {
      clearTimeout(this.retry);
      this.leave();
      this.forgetFaces();
      this.phase.value = "paused";
    } else if (this.phase.value === "paused") {
      this.connect();
    }
  }

  private forgetFaces(): void {
    this.seen = [];
    this.parts.paint([], { width: 1, height: 1 });
  }

  private tick(): void {
    this.figures.value = this.measuring.read(performance.now());
    this.faces.value = this.seen;
  }
}
