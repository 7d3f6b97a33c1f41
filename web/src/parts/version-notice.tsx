/** Offers a newer page; what is being looked at would be lost, so nobody is made to take it. */

import { newerPage } from "../state/version";

export function VersionNotice() {
  const load = newerPage.value;
  return load ? (
    <div class="notice" role="status">
      <div>A newer version of this page is there.</div>
      <button type="button" class="outline" onClick={load}>
        Load it
      </button>
    </div>
  ) : null;
}
