/** The way back to the key's dialog for somebody who left it. */

import { askForKey, keyDeclined } from "../api/key";

export function KeyNotice() {
  return keyDeclined.value ? (
    <div class="notice" role="status">
      <div>This Mien asks for an API key: without one it answers nothing.</div>
      <button type="button" class="outline" onClick={askForKey}>
        Enter a key
      </button>
    </div>
  ) : null;
}
