/** Asking the gateway: one place for keys, deadlines and errors. */

import { keyHeader, wantKey } from "./key";
import { cutOff, problemOf, unreachable } from "./problems";

const DEADLINE_MS = 20_000;

interface Asking {
  method?: "GET" | "POST" | "DELETE";
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  deadlineMs?: number;
}

/**
 * The answer to a request, whose status is 2xx.
 *
 * Throws ApiError else; and what the signal was aborted with, if it was.
 */
export async function ask(path: string, asking: Asking = {}): Promise<Response> {
  const { method = "GET", body, headers = {}, deadlineMs = DEADLINE_MS } = asking;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = asking.signal ? AbortSignal.any([asking.signal, deadline]) : deadline;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: { ...keyHeader(), ...headers },
      cache: "no-store",
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    if (asking.signal?.aborted) {
      throw asking.signal.reason;
    }
    throw unreachable();
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === "unauthenticated") {
      wantKey();
    }
    throw problem;
  }
  return response;
}

/** The whole body of an answer, as `read` takes it; throws as `ask` does. */
export async function askWhole<T>(
  path: string,
  read: (response: Response) => Promise<T>,
  asking: Asking = {},
): Promise<T> {
  const response = await ask(path, asking);
  try {
    return await read(response);
  } catch {
    asking.signal?.throwIfAborted();
    throw cutOff();
  }
}

/** The JSON document of an answer; throws as `ask` does. */
export const askJson = <T>(path: string, asking?: Asking) =>
  askWhole(path, (response) => response.json() as Promise<T>, asking);
