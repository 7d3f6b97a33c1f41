/** Asking again when waiting may help: after the time the gateway names, once the servers are back. */

import { effect } from "@preact/signals";
import { ApiError } from "../api/problems";
import { isReady, readiness } from "./readiness";

const LONGEST_BACKOFF_SECONDS = 15;

interface Patience {
  /** The model that is asked; it is not asked again before it is ready. */
  model: string;
  signal: AbortSignal;
  /** Told each time an attempt failed in a way that may be over in a moment. */
  onWait: (error: ApiError) => void;
}

/**
 * The answer, however long it takes.
 *
 * Throws what waiting does not cure, and the signal's reason when it is aborted.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { model, signal, onWait }: Patience,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      const seconds = waitSeconds(error, attempt);
      if (seconds === null) {
        throw error;
      }
      onWait(error as ApiError);
      await pause(seconds, signal);
      await untilReady(model, signal);
    }
  }
}

/** How long to wait before the next attempt; null where waiting does not help. */
export function waitSeconds(error: unknown, attempt: number): number | null {
  if (!(error instanceof ApiError) || error.retryAfter === null) {
    return null;
  }
  return Math.max(error.retryAfter, Math.min(2 ** attempt, LONGEST_BACKOFF_SECONDS));
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function untilReady(model: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let end: (() => void) | null = null;
    const stop = () => {
      end?.();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    end = effect(() => {
      if (canBeAsked(model)) {
        signal.removeEventListener("abort", stop);
        queueMicrotask(() => end?.()); // `end` is not known yet while the effect first runs
        resolve();
      }
    });
  });
}

// A model that /readyz does not speak of may be asked: the answer will tell.
function canBeAsked(model: string): boolean {
  const now = readiness.value;
  return isReady.value && now !== null && now !== "away" && now.models[model] !== false;
}
