/** Models: what can be asked for, and what stands behind it. */

import { useEffect, useState } from "preact/hooks";
import type { Model } from "../../api/schema";
import { ViewHead } from "../../parts/view-head";
import { loadModels, models } from "../../state/models";
import { CardDialog } from "./card-dialog";
import { ModelTile } from "./model-tile";

export function ModelsView() {
  const [read, setRead] = useState<Model | null>(null);
  const all = models.value;
  // A model may have a new version under the same name.
  useEffect(() => void loadModels().catch(() => undefined), []);
  return (
    <div class="models">
      <ViewHead
        title="Models"
        about="What can be asked for: trained on which faces, how good, under which terms"
      />
      {all.length === 0 ? (
        <p aria-busy="true">Asking for the list of models …</p>
      ) : (
        <ul class="tiles" aria-label="Models">
          {all.map((model) => (
            <ModelTile key={model.name} model={model} onRead={() => setRead(model)} />
          ))}
        </ul>
      )}
      {read && <CardDialog model={read} onClose={() => setRead(null)} />}
    </div>
  );
}
