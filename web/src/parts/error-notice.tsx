/** An error in words: what happened, what to do next, and a way to try again. */

import { TriangleAlert } from "lucide-preact";
import { ApiError, sentence } from "../api/problems";

interface Properties {
  error: unknown;
  /** What was being looked at, such as a file's name. */
  about?: string;
  onRetry?: () => void;
}

export function ErrorNotice({ error, about, onRetry }: Properties) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div class="notice error" role="alert">
      <TriangleAlert aria-hidden="true" />
      <div>
        <strong>
          {about ? `${about}: ` : ""}
          {known?.title ?? "Something went wrong in this page"}
        </strong>
        <p>{known ? `${sentence(known.detail)} ${known.advice}` : String(error)}</p>
        {known?.requestId && <small class="muted">Request {known.requestId}</small>}
      </div>
      {onRetry && (
        <button type="button" class="outline" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
