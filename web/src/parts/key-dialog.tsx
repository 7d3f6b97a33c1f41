/** Asks for the API key where this Mien wants one; the key stays in this tab's memory. */

import { useEffect, useRef } from "preact/hooks";
import { apiKey, keyDeclined, keyWanted } from "../api/key";
import { loadModels } from "../state/models";

export function KeyDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const given = useRef(false);
  const wanted = keyWanted.value;
  useEffect(() => {
    if (wanted && !dialog.current?.open) {
      dialog.current?.showModal();
    }
  }, [wanted]);

  const take = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    apiKey.value = String(new FormData(form).get("key") ?? "").trim();
    form.reset();
    given.current = true;
    dialog.current?.close();
    void loadModels().catch(() => undefined); // a wrong key opens this dialog again
  };

  // By the button, by Escape, or with a key.
  const closed = () => {
    keyWanted.value = false;
    keyDeclined.value = !given.current;
    given.current = false;
  };

  return (
    <dialog ref={dialog} aria-labelledby="key-title" onClose={closed}>
      <article>
        <h2 id="key-title">This Mien asks for an API key</h2>
        <form onSubmit={take}>
          <label>
            API key
            <input
              name="key"
              type="password"
              autocomplete="off"
              aria-describedby="key-hint"
              required
            />
          </label>
          {apiKey.value && (
            <p role="alert">The key that you gave is not accepted: check it, or ask for another.</p>
          )}
          <small id="key-hint">
            It is kept in this tab's memory until you close it, and nowhere else.
          </small>
          <div class="row">
            <button type="submit">Use this key</button>
            <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
              Not now
            </button>
          </div>
        </form>
      </article>
    </dialog>
  );
}
