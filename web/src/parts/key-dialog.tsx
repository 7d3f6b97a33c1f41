/** Asks for the API key where this Mien wants one; the key stays in this tab's memory. */

import { useEffect, useRef } from "preact/hooks";
import { apiKey, keyWanted } from "../api/key";
import { loadModels } from "../state/models";

export function KeyDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
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
    dialog.current?.close();
    void loadModels().catch(() => undefined); // a wrong key opens this dialog again
  };

  return (
    <dialog ref={dialog} aria-labelledby="key-title" onClose={() => (keyWanted.value = false)}>
      <article>
        <h2 id="key-title">This Mien asks for an API key</h2>
        <form onSubmit={take}>
          <label>
            API key
            <input name="key" type="password" autocomplete="off" required />
            <small>It is kept in this tab's memory until you close it, and nowhere else.</small>
          </label>
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
