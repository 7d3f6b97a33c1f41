/** What is ready and what is not, for as long as something is missing. */

import { isReady, readiness } from "../state/readiness";

export function ReadinessNotice() {
  const now = readiness.value;
  if (now === null) {
    return (
      <p class="notice" role="status" aria-busy="true">
        Asking how Mien is …
      </p>
    );
  }
  if (now === "away") {
    return (
      <div class="notice error" role="status">
        <div>
          <strong>Mien does not answer.</strong>
          <p>
            Check that it runs (<code>make status</code>); this page goes on by itself when it is
            back.
          </p>
        </div>
      </div>
    );
  }
  if (now.status === "ready") {
    return null;
  }
  return (
    <div class="notice" role="status">
      <div>
        <strong>
          {isReady.value
            ? "Mien is usable, but not everything is up."
            : "Mien is starting; this page becomes usable by itself."}
        </strong>
        <ul class="states">
          {[...Object.entries(now.parts), ...Object.entries(now.models)].map(([name, state]) => (
            <State key={name} name={name} up={state === "up" || state === true} />
          ))}
        </ul>
      </div>
    </div>
  );
}

function State({ name, up }: { name: string; up: boolean }) {
  return (
    <li class={up ? "up" : "down"}>
      <span aria-hidden="true">{up ? "●" : "○"}</span> {name} {up ? "ready" : "not ready"}
    </li>
  );
}
