/** Something is away: what it is, and that nobody has to do anything. */

import { ApiError, sentence } from "../../api/problems";

export function WaitingNotice({ error }: { error: unknown }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div class="notice" role="status">
      <div>
        <strong>{known?.title ?? "Mien is away"}</strong>
        <p>
          {sentence(known?.detail ?? "")} {known?.advice} The picture is sent again by itself.
        </p>
      </div>
    </div>
  );
}
