/** The picture with its faces drawn, and the answer as it came. */

import { Download } from "lucide-preact";
import { useState } from "preact/hooks";
import { annotated } from "../../api/calls";
import type { Analysis } from "../../api/schema";
import { ErrorNotice } from "../../parts/error-notice";
import { save, stemOf } from "../../parts/still/save";
import type { Picture } from "../../state/pictures";
import { send } from "../../state/sendable";

export function Downloads({ picture, analysis }: { picture: Picture; analysis: Analysis }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const stem = stemOf(picture.file.name);

  const saveAnnotated = async () => {
    setBusy(true);
    setError(null);
    try {
      const drawn = await send(picture, (body) => annotated(body, analysis.model.name));
      save(drawn, `${stem}-annotated.jpg`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const saveJson = () => {
    const text = `${JSON.stringify(analysis, null, 2)}\n`;
    save(new Blob([text], { type: "application/json" }), `${stem}.json`);
  };

  return (
    <>
      <div class="row downloads">
        <button
          type="button"
          class="outline"
          aria-busy={busy}
          disabled={busy}
          onClick={saveAnnotated}
        >
          <Download size={16} aria-hidden="true" />
          Annotated picture
        </button>
        <button type="button" class="outline" onClick={saveJson}>
          <Download size={16} aria-hidden="true" />
          JSON
        </button>
      </div>
      {error !== null && <ErrorNotice error={error} onRetry={saveAnnotated} />}
    </>
  );
}
