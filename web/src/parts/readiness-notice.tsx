/** What is ready and what is not, for as long as something is missing. */

import { isLasting, isReady, readiness } from "../state/readiness";

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
  const states = [...Object.entries(now.parts), ...Object.entries(now.models)];
  if (isReady.value) {
    const away = states.filter(([, state]) => !isUp(state)).map(([name]) => name);
    return isLasting.value && away.length > 0 ? (
      <p class="notice" role="status">
        Mien is usable, but not everything is up. Not ready: {away.join(", ")}.
      </p>
    ) : null;
  }
  return (
    <div class="notice" role="status">
      <div>
        <strong>Mien is starting; this page becomes usable by itself.</strong>
        <ul class="states">
          {states.map(([name, state]) => (
            <State key={name} name={name} up={isUp(state)} />
          ))}
        </ul>
      </div>
    </div>
  );
}

const isUp = (state: string | boolean) => state === "up" || state === "off" || state === true;

function State({ name, up }: { name: string; up: boolean }) {
  return (
    <li class={up ? "up" : "down"}>
      <span aria-hidden="true">{up ? "●" : "○"}</span> {name} {up ? "ready" : "not ready"}
    </li>
  );
}
