/** Where trying again may help: not where the file itself is what is wrong. */

import { ApiError } from "../../api/problems";

const THE_FILE = new Set([
  "empty_image",
  "image_too_large",
  "too_many_pixels",
  "unreadable_image",
  "unsupported_media_type",
]);

/** What offers another attempt in an ErrorNotice, or nothing. */
export function again(error: unknown, retry: () => void): { onRetry?: () => void } {
  return error instanceof ApiError && THE_FILE.has(error.code) ? {} : { onRetry: retry };
}
