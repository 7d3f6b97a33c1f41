/** An address that is no view's. */

import { Link, useLocation } from "wouter-preact";
import { ViewHead } from "../parts/view-head";

export function NotFoundView() {
  const [path] = useLocation();
  return (
    <>
      <ViewHead title="Not found" about={`There is no view at /#${path}`} />
      <p>
        Choose one above, or begin with <Link href="/">a picture</Link>.
      </p>
    </>
  );
}
