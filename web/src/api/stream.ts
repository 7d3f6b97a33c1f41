/** Live frames: one WebSocket, its credit, and how it ends. */

import { ask } from "./ask";
import { keyProtocols } from "./key";
import { type ApiError, errorOf, unreachable } from "./problems";
import type { Face } from "./schema";
import { type Ending, endingOf, LOST } from "./stream-ending";

/** A face of a live frame; one that has just appeared may have no track yet. */
export interface LiveFace extends Face {
  track?: number;
}

/** What the gateway says once the stream is open. */
export interface Ready {
  labels: string[];
  credit: number;
  model: { name: string };
}

/** The faces of one frame, and how many frames the gateway has dropped so far. */
export interface FrameResult {
  frame: number;
  dropped_frames: number;
  image: { width: number; height: number };
  faces: LiveFace[];
}

/** What the stream asks for; an empty session keeps nothing on the server. */
export interface StreamStart {
  model: string;
  session: string;
}

/** Who hears of the stream. */
export interface StreamListener {
  ready(ready: Ready): void;
  /** `latency`: milliseconds from the capture of the frame to its answer. */
  result(result: FrameResult, latency: number): void;
  /** A frame that was not analysed; the stream goes on. */
  refused(error: ApiError): void;
  /** Heard once, whatever ended the stream. */
  ended(ending: Ending): void;
}

const CLOSE_MS = 1500;
/**
 * How long what is owed may take: the gateway gives a frame 10 seconds.
 *
 * Packets that vanish close no connection: TCP would go on trying for many minutes.
 */
const SILENCE_MS = 20_000;

/** Sends frames no faster than they are answered, so that none is dropped on the way. */
export class FrameStream {
  private readonly socket: WebSocket;
  private readonly captured = new Map<number, number>();
  private window = 0;
  private sent = 0;
  private answered = 0;
  private opened = false;
  private over = false;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    start: StreamStart,
    private readonly listener: StreamListener,
  ) {
    this.socket = new WebSocket(addressOf("/v1/stream"), keyProtocols());
    this.socket.onopen = () => {
      this.opened = true;
      this.socket.send(JSON.stringify({ type: "start", consent: true, ...start }));
    };
    this.socket.onmessage = (event) => {
      this.take(JSON.parse(String(event.data)));
      this.watch(this.answered < this.sent);
    };
    this.socket.onclose = (event) => void this.closed(event);
    this.watch(true);
  }

  /** Whether a frame sent now would be analysed. */
  get hasRoom(): boolean {
    return this.sent - this.answered < this.window;
  }

  /** Send a frame; `capturedAt` is on the clock of `performance.now`. */
  send(jpeg: Blob, capturedAt: number): void {
    if (this.socket.readyState !== WebSocket.OPEN) {
      return;
    }
    if (this.answered === this.sent) {
      this.watch(true);
    }
    this.sent += 1;
    this.captured.set(this.sent, capturedAt);
    this.socket.send(jpeg);
  }

  /** End the stream once what is under way has been answered. */
  stop(): void {
    this.watch(false);
    if (this.socket.readyState === WebSocket.OPEN && this.window > 0) {
      this.window = 0;
      this.socket.send(JSON.stringify({ type: "stop" }));
      setTimeout(() => this.socket.close(), CLOSE_MS);
    } else if (this.socket.readyState === WebSocket.CONNECTING) {
      // Closed before it was open it would count as an error.
      this.socket.onopen = () => this.socket.close();
    } else {
      this.socket.close();
    }
  }

  /** Begin to wait anew, if anything is owed. */
  private watch(owed: boolean): void {
    clearTimeout(this.silence);
    if (owed && !this.over) {
      this.silence = setTimeout(() => {
        this.socket.close();
        void this.closed({ code: LOST, reason: "" });
      }, SILENCE_MS);
    }
  }

  private take(message: StreamMessage): void {
    switch (message.type) {
      case "ready":
        this.window = message.credit;
        this.listener.ready(message);
        break;
      case "result":
        this.listener.result(message, this.settle(message.frame));
        break;
      case "error":
        this.settle(message.frame);
        this.listener.refused(faultOf(message));
        break;
      default: // "closing" and "end" say what the close code says, too
    }
  }

  /** Every frame up to this one is answered or dropped; gives its latency. */
  private settle(frame: number): number {
    const latency = performance.now() - (this.captured.get(frame) ?? performance.now());
    for (let number = this.answered + 1; number <= frame; number += 1) {
      this.captured.delete(number);
    }
    this.answered = Math.max(this.answered, frame);
    return latency;
  }

  private async closed(event: Pick<CloseEvent, "code" | "reason">): Promise<void> {
    if (this.over) {
      return;
    }
    this.over = true;
    this.watch(false);
    this.window = 0;
    this.captured.clear();
    // A handshake that was refused tells a page nothing: an ordinary call does.
    const refusal = this.opened ? null : await refusalOf();
    this.listener.ended(refusal ?? endingOf(event.code, event.reason));
  }
}

type Fault = { frame: number; code: string; detail: string; retry_after_seconds?: number };

type StreamMessage =
  | ({ type: "ready" } & Ready)
  | ({ type: "result" } & FrameResult)
  | ({ type: "error" } & Fault)
  | { type: "closing" | "end" };

function faultOf({ code, detail, retry_after_seconds }: Fault): ApiError {
  return errorOf(code, "A frame was not analysed", detail, retry_after_seconds ?? null);
}

/** Forget what is kept under a session's id. */
export async function forgetSession(session: string): Promise<void> {
  await ask(`/v1/sessions/${encodeURIComponent(session)}/timeline`, { method: "DELETE" });
}

// Not every browser takes a relative address here.
function addressOf(path: string): string {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

async function refusalOf(): Promise<Ending> {
  try {
    await ask("/v1/models");
  } catch (error) {
    const known = error as ApiError;
    return { error: known, again: known.retryAfter !== null };
  }
  return { error: unreachable(), again: true };
}
