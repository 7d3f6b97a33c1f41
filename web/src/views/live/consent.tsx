/** What the people in front of the camera must know and agree to before it is switched on. */

import { ShieldCheck } from "lucide-preact";
import { useState } from "preact/hooks";
import { chosenModel } from "../../state/models";
import { asking } from "./state";

interface Properties {
  onStart: (keep: boolean) => void;
}

export function Consent({ onStart }: Properties) {
  const [agreed, setAgreed] = useState(false);
  const [keep, setKeep] = useState(false);
  return (
    <form
      class="consent"
      aria-labelledby="consent-title"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(keep);
      }}
    >
      <h2 id="consent-title">
        <ShieldCheck aria-hidden="true" /> Before the camera goes on
      </h2>
      <ul>
        <li>Pictures of the camera go to this Mien, are looked at and forgotten at once.</li>
        <li>
          It tells which expression a face shows, which is not what a person feels, and follows
          faces from picture to picture. It recognises nobody.
        </li>
        <li>
          Everyone who can be seen must know that and agree:{" "}
          <a href="/v1/notice" target="_blank" rel="noopener">
            the whole notice
          </a>
          .
        </li>
      </ul>
      <label class="check">
        <input
          type="checkbox"
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
        />
        Everyone in front of the camera knows this and agrees
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={keep}
          onChange={(event) => setKeep(event.currentTarget.checked)}
        />
        Keep the labels on the server, too, for a limited time (never pictures)
      </label>
      <button
        type="submit"
        disabled={!agreed || asking.value || chosenModel.value === null}
        aria-busy={asking.value}
      >
        Start the camera
      </button>
    </form>
  );
}
