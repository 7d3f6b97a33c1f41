/** Says when not the file itself was sent. */

import type { Picture } from "../../state/pictures";
import { rewritten } from "../../state/sendable";

export function RewrittenNote({ picture }: { picture: Picture }) {
  const sent = rewritten.value.get(picture.id);
  if (sent === undefined) {
    return null;
  }
  const how =
    sent.reason === "size"
      ? `Scaled down to ${sent.width} × ${sent.height} pixels`
      : `Converted to a JPEG of ${sent.width} × ${sent.height} pixels`;
  return (
    <p class="rewritten" role="note">
      {how} in this browser for analysis; your file stays as it is.
    </p>
  );
}
